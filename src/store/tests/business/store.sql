-- A small shop: orders, accounts with a PIN, appointments.
CREATE TABLE orders (id TEXT PRIMARY KEY, item TEXT NOT NULL, status TEXT NOT NULL, due TEXT, price INTEGER NOT NULL);
INSERT INTO orders VALUES
    ('456712', 'coffee machine', 'shipped', day(2), 12900),
    ('456713', 'keyboard', 'processing', day(5), 4950);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, balance INTEGER NOT NULL CHECK (balance >= 0),
    salt TEXT NOT NULL, pin TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0
);
INSERT INTO accounts VALUES
    ('1001', 'Ada', 10000, 'a1', pin_hash('4711', 'a1'), 0),
    ('1002', 'Bo', 500, 'b2', pin_hash('0815', 'b2'), 0);
CREATE TABLE transfers (id INTEGER PRIMARY KEY, source TEXT, target TEXT, amount INTEGER, call TEXT);

CREATE TABLE slots (at TEXT PRIMARY KEY, caller TEXT);
INSERT INTO slots VALUES (moment(1, '9:30'), NULL), (moment(1, '10:00'), NULL);
CREATE TABLE outbox (target TEXT, code TEXT);
