-- Sample data of the bank. Money is in cents, day(n) is n days after the day on which it was loaded.
-- Every phone number, person and account here is made up.

CREATE TABLE customers (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, surname TEXT NOT NULL, phone TEXT NOT NULL, language TEXT NOT NULL,
  birth TEXT NOT NULL, postcode TEXT NOT NULL, city TEXT NOT NULL,
  salt TEXT NOT NULL, pin TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,      -- wrong PINs in a row; 3 lock it
  id_tries INTEGER NOT NULL DEFAULT 0,   -- wrong birth dates or ZIP codes in a row; 3 lock it
  single_limit INTEGER NOT NULL, daily_limit INTEGER NOT NULL
);
INSERT INTO customers VALUES
  ('204117', 'James',  'Carter',    '+15550201', 'en', '1984-05-03', '30412', 'Brookfield', 's1',  pin_hash('2580', 's1'),  0, 0,  50000, 100000),
  ('204118', 'Olivia', 'Brown',     '+15550202', 'en', '1991-11-17', '30415', 'Brookfield', 's2',  pin_hash('7319', 's2'),  0, 0, 100000, 200000),
  ('310552', 'Carmen', 'Ruiz',      '+15550203', 'es', '1979-02-14', '77011', 'Riverton',   's3',  pin_hash('4826', 's3'),  0, 0,  50000, 100000),
  ('310553', 'Diego',  'Fernández', '+15550204', 'es', '1988-09-30', '77023', 'Riverton',   's4',  pin_hash('9052', 's4'),  0, 0,  50000,  80000),
  ('415009', 'Helen',  'Park',      '+15550205', 'en', '1966-07-22', '30412', 'Brookfield', 's5',  pin_hash('6174', 's5'),  3, 0,  50000, 100000),
  ('415010', 'Robert', 'King',      '+15550206', 'en', '1995-01-09', '60201', 'Lakeside',   's6',  pin_hash('3571', 's6'),  0, 0,  20000,  40000),
  ('520333', 'Aisha',  'Khan',      '+15550207', 'en', '1982-12-05', '60207', 'Lakeside',   's7',  pin_hash('8264', 's7'),  0, 0, 100000, 250000),
  ('520334', 'Peter',  'Novak',     '+15550208', 'en', '1973-03-28', '77011', 'Riverton',   's8',  pin_hash('1593', 's8'),  0, 0,  30000,  50000),
  ('633871', 'Lucy',   'Adams',     '+15550209', 'en', '1990-06-11', '30418', 'Brookfield', 's9',  pin_hash('7028', 's9'),  0, 0,  50000, 100000),
  ('633872', 'Tom',    'Adams',     '+15550209', 'en', '1989-10-02', '30418', 'Brookfield', 's10', pin_hash('5937', 's10'), 0, 0,  50000, 100000),
  ('700145', 'Grace',  'Lee',       '+15550211', 'en', '2001-08-19', '60201', 'Lakeside',   's11', pin_hash('4417', 's11'), 0, 0,  20000,  40000),
  ('700146', 'Miguel', 'Torres',    '+15550212', 'es', '1958-04-25', '77023', 'Riverton',   's12', pin_hash('6093', 's12'), 0, 0,  50000, 100000),
  ('811902', 'Emma',   'Wilson',    '+15550213', 'en', '1997-02-08', '30415', 'Brookfield', 's13', pin_hash('3186', 's13'), 0, 3,  50000, 100000);

-- checking and savings: what is there. card and loan: what is owed.
CREATE TABLE accounts (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL REFERENCES customers, kind TEXT NOT NULL,
  name_en TEXT NOT NULL, also_en TEXT NOT NULL, called_en TEXT NOT NULL,
  name_es TEXT NOT NULL, also_es TEXT NOT NULL, called_es TEXT NOT NULL,
  balance INTEGER NOT NULL,
  credit INTEGER NOT NULL DEFAULT 0, minimum INTEGER NOT NULL DEFAULT 0, due TEXT NOT NULL DEFAULT '',
  main INTEGER NOT NULL DEFAULT 0, place INTEGER NOT NULL
);
CREATE TABLE kinds (kind TEXT PRIMARY KEY, name_en TEXT, also_en TEXT, called_en TEXT, name_es TEXT, also_es TEXT, called_es TEXT, main INTEGER, place INTEGER);
INSERT INTO kinds VALUES
  ('checking', 'checking', 'current', 'your checking account', 'corriente', 'nómina', 'la cuenta corriente', 1, 1),
  ('joint', 'joint', 'family', 'your joint account', 'conjunta', 'familiar', 'la cuenta conjunta', 0, 2),
  ('savings', 'savings', 'saver', 'your savings account', 'ahorros', 'ahorro', 'la cuenta de ahorros', 0, 3),
  ('card', 'credit card', 'card', 'your credit card', 'tarjeta de crédito', 'tarjeta', 'la tarjeta de crédito', 0, 4),
  ('loan', 'loan', 'loans', 'your loan', 'préstamo', 'préstamos', 'el préstamo', 0, 5);
CREATE TABLE figures (id TEXT, customer TEXT, kind TEXT, balance INTEGER, credit INTEGER, minimum INTEGER, due TEXT);
INSERT INTO figures VALUES
  ('4101', '204117', 'checking', 184250, 0, 0, ''), ('4102', '204117', 'savings', 630000, 0, 0, ''),
  ('4103', '204117', 'card', 41235, 300000, 2500, day(9)), ('4104', '204117', 'loan', 820000, 0, 24000, day(6)),
  ('4201', '204118', 'checking', 92075, 0, 0, ''), ('4202', '204118', 'savings', 1250000, 0, 0, ''), ('4203', '204118', 'card', 0, 200000, 0, day(12)),
  ('4301', '310552', 'checking', 231540, 0, 0, ''), ('4302', '310552', 'savings', 480000, 0, 0, ''),
  ('4303', '310552', 'card', 36000, 250000, 3000, day(8)), ('4304', '310552', 'loan', 540000, 0, 18000, day(4)),
  ('4401', '310553', 'checking', 67830, 0, 0, ''), ('4402', '310553', 'savings', 150000, 0, 0, ''),
  ('4501', '415009', 'checking', 310000, 0, 0, ''), ('4502', '415009', 'savings', 2200000, 0, 0, ''),
  ('4601', '415010', 'checking', 1240, 0, 0, ''), ('4603', '415010', 'card', 88710, 100000, 4500, day(3)),
  ('4701', '520333', 'checking', 514420, 0, 0, ''), ('4702', '520333', 'savings', 905000, 0, 0, ''), ('4705', '520333', 'joint', 126000, 0, 0, ''),
  ('4703', '520333', 'card', 120050, 500000, 6000, day(10)),
  ('4801', '520334', 'checking', 44000, 0, 0, ''),
  ('4901', '633871', 'checking', 75510, 0, 0, ''), ('4911', '633872', 'checking', 20990, 0, 0, ''),
  ('5001', '700145', 'checking', 15000, 0, 0, ''), ('5002', '700145', 'savings', 30000, 0, 0, ''),
  ('5101', '700146', 'checking', 128000, 0, 0, ''), ('5102', '700146', 'savings', 715000, 0, 0, ''), ('5103', '700146', 'card', 9900, 150000, 1000, day(15)),
  ('5201', '811902', 'checking', 33300, 0, 0, '');
INSERT INTO accounts
  SELECT f.id, f.customer, CASE f.kind WHEN 'joint' THEN 'checking' ELSE f.kind END,
    k.name_en, k.also_en, k.called_en, k.name_es, k.also_es, k.called_es, f.balance, f.credit, f.minimum, f.due, k.main, k.place
  FROM figures f JOIN kinds k ON k.kind = f.kind;
DROP TABLE figures;
DROP TABLE kinds;

-- Money that came (positive) and went (negative). kind: purchase, payment, deposit, transfer, fee.
CREATE TABLE transactions (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts, day TEXT NOT NULL,
  name TEXT NOT NULL, amount INTEGER NOT NULL, kind TEXT NOT NULL, disputed INTEGER NOT NULL DEFAULT 0
);
INSERT INTO transactions (account, day, name, amount, kind) VALUES
  ('4101', day(-1),  'Green Market', -4520, 'purchase'), ('4101', day(-2),  'Anna Keller', -6000, 'payment'),
  ('4101', day(-4),  'Corner Cafe', -1280, 'purchase'), ('4101', day(-5),  'Brookfield Schools', 210000, 'deposit'),
  ('4101', day(-8),  'City Power', -9150, 'payment'), ('4101', day(-11), 'Metro Transit', -4000, 'purchase'),
  ('4101', day(-14), 'Green Market', -3875, 'purchase'), ('4101', day(-18), 'Phone House', -2999, 'purchase'),
  ('4102', day(-12), 'Interest', 1890, 'deposit'), ('4102', day(-30), 'From checking', 20000, 'transfer'),
  ('4103', day(-1),  'Skyline Hotels', -18900, 'purchase'), ('4103', day(-3),  'Stream Plus', -1499, 'purchase'),
  ('4103', day(-6),  'Book Barn', -2345, 'purchase'), ('4103', day(-6),  'Book Barn', -2345, 'purchase'), ('4103', day(-10), 'Shell Garage', -5210, 'purchase'),
  ('4201', day(-1),  'Bella Pizza', -2650, 'purchase'), ('4201', day(-3),  'City Power', -7010, 'payment'), ('4201', day(-6), 'Salary', 305000, 'deposit'),
  ('4301', day(-1),  'Mercado Luna', -5230, 'purchase'), ('4301', day(-2),  'Farmacia Central', -1875, 'purchase'),
  ('4301', day(-3),  'Nómina', 240000, 'deposit'), ('4301', day(-7),  'Agua de Riverton', -3940, 'payment'), ('4301', day(-9), 'Cine Plaza', -2400, 'purchase'),
  ('4303', day(-2),  'Hotel Mirador', -21000, 'purchase'), ('4303', day(-5),  'Música Ya', -1099, 'purchase'), ('4303', day(-6), 'Zapatos Vega', -6490, 'purchase'),
  ('4401', day(-1),  'Taquería Sol', -1650, 'purchase'), ('4401', day(-6), 'Nómina', 180000, 'deposit'),
  ('4501', day(-2),  'Garden World', -8430, 'purchase'),
  ('4601', day(-1),  'Bus Pass', -3500, 'purchase'), ('4603', day(-2), 'Game Store', -5999, 'purchase'),
  ('4701', day(-1),  'Lakeside Gym', -4900, 'purchase'), ('4701', day(-2), 'Consulting', 420000, 'deposit'), ('4703', day(-1), 'Air North', -32040, 'purchase'), ('4703', day(-4), 'Bella Pizza', -3150, 'purchase'),
  ('4801', day(-3),  'Hardware Hub', -2210, 'purchase'),
  ('5001', day(-2),  'Campus Books', -6420, 'purchase'),
  ('5101', day(-4),  'Panadería Rey', -870, 'purchase'), ('5103', day(-3), 'Óptica Norte', -9900, 'purchase');

CREATE TABLE payees (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL REFERENCES customers, name TEXT NOT NULL,
  nick_en TEXT NOT NULL, nick_es TEXT NOT NULL, number TEXT NOT NULL
);
INSERT INTO payees VALUES
  ('p11', '204117', 'Anna Keller', 'sister', 'hermana', '8841'), ('p12', '204117', 'Ben Ortiz', 'landlord', 'casero', '2096'),
  ('p13', '204117', 'City Power', 'electricity', 'luz', '7730'), ('p14', '204117', 'Priya Shah', 'babysitter', 'niñera', '5512'),
  ('p21', '204118', 'Mark Brown', 'brother', 'hermano', '6604'), ('p22', '204118', 'City Power', 'electricity', 'luz', '7730'),
  ('p23', '204118', 'Mark Ellis', 'plumber', 'fontanero', '3391'),
  ('p31', '310552', 'Lucía Ramos', 'daughter', 'hija', '3317'), ('p32', '310552', 'Pedro Gil', 'landlord', 'casero', '9045'), ('p33', '310552', 'Agua de Riverton', 'water', 'agua', '7781'),
  ('p41', '310553', 'Sofía Fernández', 'mother', 'madre', '1208'),
  ('p51', '415009', 'Daniel Park', 'son', 'hijo', '4470'),
  ('p61', '415010', 'Anna Keller', 'friend', 'amiga', '8841'),
  ('p71', '520333', 'Omar Khan', 'husband', 'marido', '3902'), ('p72', '520333', 'Lakeside Nursery', 'nursery', 'guardería', '6128'),
  ('p81', '520334', 'Jana Novak', 'daughter', 'hija', '7455'),
  ('p91', '633871', 'Brookfield Rentals', 'landlord', 'casero', '8019'),
  ('p99', '700146', 'Rosa Torres', 'wife', 'esposa', '2263');

CREATE TABLE cards (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL REFERENCES customers, kind TEXT NOT NULL, last4 TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'active', replacement INTEGER NOT NULL DEFAULT 0
);
INSERT INTO cards (id, customer, kind, last4) VALUES
  ('c11', '204117', 'debit', '4417'), ('c12', '204117', 'credit', '9023'), ('c21', '204118', 'debit', '1180'),
  ('c31', '310552', 'debit', '2265'), ('c32', '310552', 'credit', '7740'), ('c41', '310553', 'debit', '3308'),
  ('c51', '415009', 'debit', '6691'), ('c61', '415010', 'debit', '5524'), ('c62', '415010', 'credit', '8136'),
  ('c71', '520333', 'debit', '7012'), ('c72', '520333', 'credit', '3459'), ('c81', '520334', 'debit', '9907'),
  ('c91', '633871', 'debit', '2471'), ('c92', '633872', 'debit', '6650'),
  ('c93', '700145', 'debit', '1043'), ('c94', '700146', 'debit', '5582'), ('c95', '700146', 'credit', '4726');
INSERT INTO cards VALUES ('c96', '811902', 'debit', '8820', 'blocked', 1);

CREATE TABLE disputes (id INTEGER PRIMARY KEY, charge INTEGER NOT NULL, reason TEXT NOT NULL, day TEXT NOT NULL, status TEXT NOT NULL);

CREATE TABLE standing_orders (
  id INTEGER PRIMARY KEY, customer TEXT NOT NULL REFERENCES customers, payee TEXT NOT NULL REFERENCES payees,
  source TEXT NOT NULL REFERENCES accounts, amount INTEGER NOT NULL, on_day INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'active'
);
INSERT INTO standing_orders (customer, payee, source, amount, on_day) VALUES
  ('204117', 'p12', '4101', 95000, 1), ('204117', 'p13', '4101', 8000, 15),
  ('310552', 'p32', '4301', 70000, 5), ('520333', 'p72', '4701', 42000, 3), ('700146', 'p99', '5101', 20000, 10);

-- per_100: what 100 dollars buy, in hundredths of the other currency.
CREATE TABLE exchange (code TEXT PRIMARY KEY, name_en TEXT NOT NULL, name_es TEXT NOT NULL, per_100 INTEGER NOT NULL);
INSERT INTO exchange VALUES
  ('euro', 'euros', 'euros', 9215), ('pound', 'pounds sterling', 'libras esterlinas', 7840), ('peso', 'Mexican pesos', 'pesos mexicanos', 183200),
  ('yen', 'Japanese yen', 'yenes japoneses', 1502000), ('franc', 'Swiss francs', 'francos suizos', 8870), ('canadian', 'Canadian dollars', 'dólares canadienses', 13640);

CREATE TABLE interest (product TEXT PRIMARY KEY, rate_en TEXT NOT NULL, rate_es TEXT NOT NULL);
INSERT INTO interest VALUES
  ('savings', '3.6 percent', '3,6 por ciento'), ('deposit', '4.1 percent', '4,1 por ciento'), ('mortgage', '6.2 percent', '6,2 por ciento'),
  ('loan', '8.9 percent', '8,9 por ciento'), ('card', '19.9 percent', '19,9 por ciento');

CREATE TABLE branches (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, city TEXT NOT NULL, postcode TEXT NOT NULL,
  address TEXT NOT NULL, hours_en TEXT NOT NULL, hours_es TEXT NOT NULL
);
INSERT INTO branches VALUES
  ('b1', 'branch', 'Brookfield', '30412', '12 Main Street', 'nine to five on weekdays', 'de nueve a cinco, de lunes a viernes'),
  ('b2', 'branch', 'Brookfield', '30418', '80 Hill Road', 'nine to four on weekdays', 'de nueve a cuatro, de lunes a viernes'),
  ('b3', 'branch', 'Lakeside', '60201', '5 Harbor Square', 'nine to five on weekdays, and ten to one on Saturdays', 'de nueve a cinco, de lunes a viernes, y los sábados de diez a una'),
  ('b4', 'branch', 'Riverton', '77011', '301 Bridge Avenue', 'nine to six on weekdays', 'de nueve a seis, de lunes a viernes'),
  ('b5', 'branch', 'Riverton', '77023', '44 Mill Lane', 'nine to five on weekdays', 'de nueve a cinco, de lunes a viernes'),
  ('a1', 'atm', 'Brookfield', '30412', 'Central Station', 'around the clock', 'a todas horas'),
  ('a2', 'atm', 'Brookfield', '30415', 'the Green Market on Oak Street', 'from seven to ten', 'de siete a diez'),
  ('a3', 'atm', 'Brookfield', '30418', '80 Hill Road', 'around the clock', 'a todas horas'),
  ('a4', 'atm', 'Lakeside', '60201', '5 Harbor Square', 'around the clock', 'a todas horas'),
  ('a5', 'atm', 'Lakeside', '60207', 'the ferry terminal', 'around the clock', 'a todas horas'),
  ('a6', 'atm', 'Riverton', '77011', '301 Bridge Avenue', 'around the clock', 'a todas horas'),
  ('a7', 'atm', 'Riverton', '77023', 'the hospital lobby', 'around the clock', 'a todas horas');

-- One-time codes wait here for whoever sends text messages.
CREATE TABLE outbox (id INTEGER PRIMARY KEY, day TEXT NOT NULL, customer TEXT NOT NULL, code TEXT NOT NULL);
