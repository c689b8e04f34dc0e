-- Sample data of the shop: a made-up town by the sea. day(n) is n days after the day on which it was loaded.
-- Money is in cents. What the shop says in English stands in `name` and `item`, in Spanish in `…_es`, with its article.

CREATE TABLE customers (
    id TEXT PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL, phone TEXT NOT NULL, email TEXT NOT NULL,
    language TEXT NOT NULL, born TEXT NOT NULL, postcode TEXT NOT NULL, street TEXT NOT NULL,
    salt TEXT NOT NULL, pin TEXT NOT NULL, points INTEGER NOT NULL, branch TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0    -- wrong PINs and birth dates in a row; three lock
);
-- The PINs are hashed: Anna's is pin_hash('4711', 's20417'). In order: 4711, 2580, 1357, 8642, 9031, 1212, 5566, 7788, 2468, 3690, 1470,
-- 2581, 8520, 6543. Nora's account is locked.
INSERT INTO customers VALUES
    ('20417', 'Anna', 'Keller', '+12075550101', 'anna.keller@example.com', 'en', '1984-05-17', '04101', '48 Exchange Street', 's20417', 'e1c0b5c7f9da0d68c3623c1d75d8199d55c965eda636caf393cfdc74f1d0b753', 1240, 'portland', 0),
    ('20533', 'Ben', 'Walsh', '+12075550102', 'ben.walsh@example.com', 'en', '1951-02-03', '04401', '7 Main Street', 's20533', '0f6d49f14c846c828437ef6673e20ec7807b2cd67abb16ea0bfc85d859ac763e', 320, 'bangor', 0),
    ('20688', 'Carla', 'Méndez', '+12075550103', 'carla.mendez@example.com', 'es', '1990-11-08', '04240', '21 Lisbon Street', 's20688', 'dd8cd4e2469ded91eb513e67f61a1a7b3909e66d37bd0ab1b1f7f570919988fd', 5600, 'lewiston', 0),
    ('20731', 'David', 'Okafor', '+12075550104', 'd.okafor@example.com', 'en', '1978-07-21', '04106', '310 Cottage Road', 's20731', '4bff63af7f05936a3fe04d506d301972ce6d82adee48711c4984f71a9ac25b03', 890, 'portland', 0),
    ('20845', 'Emma', 'Lindqvist', '+12075550105', 'emma.l@example.com', 'en', '1995-12-30', '04011', '5 Maple Lane', 's20845', '9b43840fe6c1606b21591ad60287bbadf38f129fb5bcab8f5d1eafba684869b3', 2210, 'brunswick', 0),
    ('20902', 'Farid', 'Haddad', '+12075550106', 'farid@example.com', 'en', '1969-09-14', '04330', '88 Water Street', 's20902', '2c7734474883c95de35ce300097a769440d196c12ea6d62119bff0a0f75454ea', 75, 'augusta', 0),
    ('21044', 'Grace', 'Nakamura', '+12075550107', 'grace.n@example.com', 'en', '1988-03-22', '04101', '9 Pine Street', 's21044', 'c1e17520fe13a35ff89e6153e755abdb1be66b8698a663cdc378c370be2923ba', 4300, 'portland', 0),
    ('21190', 'Hugo', 'Ortega', '+12075550108', 'hugo.ortega@example.com', 'es', '1982-06-11', '04401', '64 Union Street', 's21190', 'c66288ef4881ea2c32257ae615bf72cfcac35ca74b996176f1be0eda2f95f31f', 510, 'bangor', 0),
    ('21256', 'Irene', 'Castillo', '+12075550109', 'irene.c@example.com', 'es', '1974-01-19', '04101', '15 Spring Street', 's21256', '675bb4b4b0bc741dc25da63c9384a92b0bb7ed028711fca40f2df8d42205aa5d', 980, 'portland', 0),
    ('21377', 'Jack', 'Dunn', '+12075550110', 'jack.dunn@example.com', 'en', '1963-04-02', '04011', '102 Federal Street', 's21377', '9fa39283d687430bf3cdc261c671680874ea9ec8371e033db987c1f19d5b9aac', 1500, 'brunswick', 0),
    ('21480', 'Karen', 'Young', '+12075550111', 'karen.young@example.com', 'en', '1980-08-08', '04240', '3 College Road', 's21480', '1febd26618949a209cdfa1dd94b5e9ddc110fd8cbb21d2aa5b6494099205d887', 640, 'lewiston', 0),
    ('21512', 'Leo', 'Young', '+12075550111', 'leo.young@example.com', 'en', '1979-10-25', '04240', '3 College Road', 's21512', '74b07683d9618e7f92880c94e19c21be05b82b0280b9fd91ddc337ba10458475', 0, 'lewiston', 0),
    ('21689', 'Maya', 'Singh', '+12075550112', 'maya.singh@example.com', 'en', '1999-02-14', '04330', '27 State Street', 's21689', '984b010db5141bef7bb7a0c6bf6b7a6cec896772dc7d4ddd989869f90a0f10a6', 0, 'augusta', 0),
    ('21733', 'Nora', 'Petit', '+12075550113', '', 'en', '1971-05-05', '04101', '60 Fore Street', 's21733', '8265639ac23bd95f7e193b83954c49f77be3756f1e363061c9cdbf79d5b3784f', 700, 'portland', 3);

CREATE TABLE products (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, plural INTEGER NOT NULL, name_es TEXT NOT NULL,
    price INTEGER NOT NULL, hygiene INTEGER NOT NULL    -- hygiene: not taken back once it is unpacked
);
INSERT INTO products VALUES
    ('coffee-machine', 'coffee machine', 0, 'la cafetera', 18900, 0),
    ('espresso-cups', 'espresso cups', 1, 'las tazas de café', 2490, 0),
    ('coffee-grinder', 'coffee grinder', 0, 'el molinillo de café', 5990, 0),
    ('running-shoes', 'running shoes', 1, 'las zapatillas de correr', 8990, 0),
    ('running-socks', 'running socks', 1, 'las medias deportivas', 1290, 0),
    ('winter-jacket', 'winter jacket', 0, 'el abrigo de invierno', 14900, 0),
    ('rain-jacket', 'rain jacket', 0, 'el impermeable', 7990, 0),
    ('wool-sweater', 'wool sweater', 0, 'el suéter de lana', 6990, 0),
    ('scarf', 'scarf', 0, 'la bufanda', 2490, 0),
    ('winter-boots', 'winter boots', 1, 'las botas de invierno', 11900, 0),
    ('headphones', 'headphones', 1, 'los auriculares', 12900, 0),
    ('earbuds', 'earbuds', 1, 'los audífonos', 7990, 1),
    ('phone-case', 'phone case', 0, 'la funda de celular', 1990, 0),
    ('desk-lamp', 'desk lamp', 0, 'la lámpara de escritorio', 3990, 0),
    ('reading-lamp', 'reading lamp', 0, 'la lámpara de lectura', 4990, 0),
    ('standing-lamp', 'standing lamp', 0, 'la lámpara de pie', 8990, 0),
    ('keyboard', 'keyboard', 0, 'el teclado', 6990, 0),
    ('mouse-pad', 'mouse pad', 0, 'la alfombrilla', 1290, 0),
    ('sofa', 'two-seat sofa', 0, 'el sofá de dos plazas', 74900, 0),
    ('cushion', 'cushion', 0, 'el cojín', 1990, 0),
    ('bookshelf', 'bookshelf', 0, 'la estantería', 15900, 0),
    ('garden-chairs', 'garden chairs', 1, 'las sillas de jardín', 9900, 0),
    ('office-chair', 'office chair', 0, 'la silla de oficina', 28900, 0),
    ('toaster', 'toaster', 0, 'la tostadora', 3990, 0),
    ('kettle', 'kettle', 0, 'el hervidor', 3490, 0),
    ('blender', 'blender', 0, 'la licuadora', 5490, 0),
    ('camera', 'camera', 0, 'la cámara', 44900, 0),
    ('tripod', 'tripod', 0, 'el trípode', 4990, 0),
    ('toothbrush', 'electric toothbrush', 0, 'el cepillo eléctrico', 5990, 1),
    ('yoga-mat', 'yoga mat', 0, 'el tapete de yoga', 2990, 0);

-- How sizes are called.
CREATE TABLE sizes (id TEXT PRIMARY KEY, rank INTEGER NOT NULL, name TEXT NOT NULL, name_es TEXT NOT NULL);
INSERT INTO sizes VALUES
    ('7', 7, 'seven', 'siete'), ('8', 8, 'eight', 'ocho'), ('9', 9, 'nine', 'nueve'), ('10', 10, 'ten', 'diez'), ('11', 11, 'eleven', 'once'),
    ('s', 21, 'small', 'pequeña'), ('m', 22, 'medium', 'mediana'), ('l', 23, 'large', 'grande'), ('xl', 24, 'extra large', 'extra grande');

-- What there is of each product, by size where it has any; place 'web' is the warehouse.
CREATE TABLE stock (product TEXT NOT NULL, size TEXT NOT NULL, place TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (product, size, place));
INSERT INTO stock VALUES
    ('coffee-machine', '', 'web', 4), ('coffee-machine', '', 'portland', 1), ('coffee-machine', '', 'brunswick', 4), ('espresso-cups', '', 'web', 11),
    ('espresso-cups', '', 'lewiston', 4), ('coffee-grinder', '', 'web', 18), ('coffee-grinder', '', 'bangor', 4), ('coffee-grinder', '', 'augusta', 3),
    ('running-shoes', '8', 'web', 5), ('running-shoes', '8', 'portland', 4), ('running-shoes', '8', 'brunswick', 3), ('running-shoes', '9', 'web', 8),
    ('running-shoes', '9', 'lewiston', 2), ('running-shoes', '10', 'web', 11), ('running-shoes', '10', 'bangor', 1), ('running-shoes', '10', 'augusta', 4),
    ('running-shoes', '11', 'web', 0), ('running-socks', '', 'web', 12), ('running-socks', '', 'lewiston', 3), ('winter-jacket', 's', 'web', 0),
    ('winter-jacket', 'm', 'web', 22), ('winter-jacket', 'm', 'portland', 2), ('winter-jacket', 'm', 'brunswick', 1), ('winter-jacket', 'l', 'web', 5),
    ('winter-jacket', 'l', 'lewiston', 4), ('rain-jacket', 's', 'web', 0), ('rain-jacket', 'm', 'web', 9), ('rain-jacket', 'm', 'lewiston', 1),
    ('rain-jacket', 'l', 'web', 12), ('rain-jacket', 'l', 'bangor', 4), ('rain-jacket', 'l', 'augusta', 3), ('rain-jacket', 'xl', 'web', 15),
    ('rain-jacket', 'xl', 'portland', 3), ('rain-jacket', 'xl', 'brunswick', 2), ('wool-sweater', 's', 'web', 13), ('wool-sweater', 's', 'lewiston', 2),
    ('wool-sweater', 'm', 'web', 16), ('wool-sweater', 'm', 'bangor', 1), ('wool-sweater', 'm', 'augusta', 4), ('wool-sweater', 'l', 'web', 19),
    ('wool-sweater', 'l', 'portland', 4), ('wool-sweater', 'l', 'brunswick', 3), ('scarf', '', 'web', 20), ('scarf', '', 'bangor', 2),
    ('scarf', '', 'augusta', 1), ('winter-boots', '7', 'web', 7), ('winter-boots', '7', 'portland', 2), ('winter-boots', '7', 'brunswick', 1),
    ('winter-boots', '8', 'web', 10), ('winter-boots', '8', 'lewiston', 4), ('winter-boots', '9', 'web', 13), ('winter-boots', '9', 'bangor', 3),
    ('winter-boots', '9', 'augusta', 2), ('headphones', '', 'web', 14), ('headphones', '', 'lewiston', 1), ('earbuds', '', 'web', 21),
    ('earbuds', '', 'bangor', 1), ('earbuds', '', 'augusta', 4), ('phone-case', '', 'web', 8), ('phone-case', '', 'portland', 1),
    ('phone-case', '', 'brunswick', 4), ('desk-lamp', '', 'web', 15), ('desk-lamp', '', 'lewiston', 4), ('reading-lamp', '', 'web', 22),
    ('reading-lamp', '', 'bangor', 4), ('reading-lamp', '', 'augusta', 3), ('standing-lamp', '', 'web', 9), ('standing-lamp', '', 'portland', 4),
    ('standing-lamp', '', 'brunswick', 3), ('keyboard', '', 'web', 16), ('keyboard', '', 'lewiston', 3), ('mouse-pad', '', 'web', 23),
    ('mouse-pad', '', 'bangor', 3), ('mouse-pad', '', 'augusta', 2), ('sofa', '', 'web', 10), ('sofa', '', 'portland', 1),
    ('cushion', '', 'web', 17), ('cushion', '', 'lewiston', 2), ('bookshelf', '', 'web', 4), ('bookshelf', '', 'bangor', 2),
    ('bookshelf', '', 'augusta', 1), ('garden-chairs', '', 'web', 11), ('office-chair', '', 'web', 18), ('office-chair', '', 'lewiston', 1),
    ('toaster', '', 'web', 5), ('toaster', '', 'bangor', 1), ('toaster', '', 'augusta', 4), ('kettle', '', 'web', 12),
    ('kettle', '', 'portland', 1), ('kettle', '', 'brunswick', 4), ('blender', '', 'web', 19), ('blender', '', 'lewiston', 4),
    ('camera', '', 'web', 6), ('camera', '', 'bangor', 4), ('camera', '', 'augusta', 3), ('tripod', '', 'web', 0),
    ('tripod', '', 'portland', 4), ('tripod', '', 'brunswick', 3), ('toothbrush', '', 'web', 20), ('toothbrush', '', 'lewiston', 3),
    ('yoga-mat', '', 'web', 0);

-- promised: the day that was promised at first. due: when it arrives, or arrived, or was cancelled.
CREATE TABLE orders (
    id TEXT PRIMARY KEY, customer TEXT NOT NULL, item TEXT NOT NULL, item_es TEXT NOT NULL, status TEXT NOT NULL,
    promised TEXT NOT NULL, due TEXT NOT NULL, carrier TEXT NOT NULL, street TEXT NOT NULL, postcode TEXT NOT NULL,
    total INTEGER NOT NULL, old_street TEXT, old_postcode TEXT, held TEXT
);
INSERT INTO orders (id, customer, item, item_es, status, promised, due, carrier, street, postcode, total) VALUES
    ('456712', '20417', 'coffee machine', 'la cafetera', 'shipped', day(1), day(1), 'Northline', '48 Exchange Street', '04101', 18900),
    ('318204', '20417', 'running shoes', 'las zapatillas de correr', 'delivered', day(-2), day(-2), 'Northline', '48 Exchange Street', '04101', 8990),
    ('902117', '20533', 'winter jacket', 'el abrigo de invierno', 'processing', day(3), day(3), 'Blue Van', '7 Main Street', '04401', 14900),
    ('775530', '20731', 'headphones', 'los auriculares', 'shipped', day(0), day(0), 'Blue Van', '310 Cottage Road', '04106', 12900),
    ('640098', '20845', 'desk lamp', 'la lámpara de escritorio', 'cancelled', day(-5), day(-5), 'none', '5 Maple Lane', '04011', 3990),
    ('123456', '20902', 'keyboard, black', 'el teclado', 'shipped', day(2), day(2), 'Northline', '88 Water Street', '04330', 6990),
    ('580421', '21044', 'two-seat sofa', 'el sofá de dos plazas', 'processing', day(9), day(9), 'Heavy Haul', '9 Pine Street', '04101', 78880),
    ('204466', '21190', 'toaster', 'la tostadora', 'delivered', day(-1), day(-1), 'Blue Van', '64 Union Street', '04401', 3990),
    ('871309', '21256', 'camera', 'la cámara', 'shipped', day(4), day(4), 'Northline', '15 Spring Street', '04101', 44900),
    ('999000', '21377', 'bookshelf', 'la estantería', 'delivered', '2026-10-30', '2026-10-30', 'Heavy Haul', '102 Federal Street', '04011', 15900),
    ('610233', '20417', 'espresso cups', 'las tazas de café', 'processing', day(2), day(2), 'Northline', '48 Exchange Street', '04101', 2490),
    ('517884', '20417', 'electric toothbrush', 'el cepillo eléctrico', 'delivered', day(-4), day(-4), 'Blue Van', '48 Exchange Street', '04101', 5990),
    ('488120', '20417', 'yoga mat', 'el tapete de yoga', 'delivered', day(-45), day(-45), 'Northline', '48 Exchange Street', '04101', 2990),
    ('701552', '20533', 'garden chairs', 'las sillas de jardín', 'shipped', day(-3), day(1), 'Heavy Haul', '7 Main Street', '04401', 19800),
    ('733015', '20533', 'reading lamp', 'la lámpara de lectura', 'delivered', day(-6), day(-6), 'Northline', '7 Main Street', '04401', 4990),
    ('845510', '20688', 'winter boots', 'las botas de invierno', 'delivered', day(-3), day(-3), 'Northline', '21 Lisbon Street', '04240', 14480),
    ('846220', '20688', 'blender', 'la licuadora', 'shipped', day(1), day(1), 'Blue Van', '21 Lisbon Street', '04240', 5490),
    ('847001', '20688', 'rain jacket', 'el impermeable', 'processing', day(2), day(2), 'Northline', '21 Lisbon Street', '04240', 7990),
    ('662148', '20731', 'office chair', 'la silla de oficina', 'delivered', day(-3), day(-3), 'Heavy Haul', '310 Cottage Road', '04106', 28900),
    ('551207', '20845', 'running shoes', 'las zapatillas de correr', 'delivered', day(-10), day(-10), 'Northline', '5 Maple Lane', '04011', 8990),
    ('551300', '20845', 'wool sweater', 'el suéter de lana', 'delivered', day(-5), day(-5), 'Blue Van', '5 Maple Lane', '04011', 9480),
    ('432100', '20902', 'kettle', 'el hervidor', 'delivered', day(-9), day(-1), 'Blue Van', '88 Water Street', '04330', 3490),
    ('690077', '21044', 'earbuds', 'los audífonos', 'delivered', day(-7), day(-7), 'Northline', '9 Pine Street', '04101', 9980),
    ('204500', '21190', 'rain jacket', 'el impermeable', 'processing', day(1), day(1), 'Northline', '64 Union Street', '04401', 7990),
    ('871400', '21256', 'wool sweater', 'el suéter de lana', 'delivered', day(-6), day(-6), 'Blue Van', '15 Spring Street', '04101', 6990),
    ('999120', '21377', 'standing lamp', 'la lámpara de pie', 'shipped', day(2), day(2), 'Northline', '102 Federal Street', '04011', 8990),
    ('345001', '21480', 'toaster', 'la tostadora', 'shipped', day(1), day(1), 'Blue Van', '3 College Road', '04240', 3990),
    ('345002', '21512', 'headphones', 'los auriculares', 'processing', day(4), day(4), 'Northline', '3 College Road', '04240', 12900),
    ('777120', '21733', 'camera', 'la cámara', 'delivered', day(-2), day(-2), 'Northline', '60 Fore Street', '04101', 44900),
    ('432155', '20902', 'coffee grinder', 'el molinillo de café', 'delivered', day(-20), day(-20), 'Northline', '88 Water Street', '04330', 5990),
    ('690120', '21044', 'standing lamp', 'la lámpara de pie', 'delivered', day(-60), day(-60), 'Blue Van', '9 Pine Street', '04101', 8990),
    ('662200', '20731', 'camera', 'la cámara', 'delivered', day(-14), day(-14), 'Northline', '310 Cottage Road', '04106', 44900);

CREATE TABLE lines (
    order_id TEXT NOT NULL, n INTEGER NOT NULL, product TEXT NOT NULL, size TEXT NOT NULL, quantity INTEGER NOT NULL, price INTEGER NOT NULL,
    PRIMARY KEY (order_id, n)
);
INSERT INTO lines VALUES
    ('456712', 1, 'coffee-machine', '', 1, 18900), ('318204', 1, 'running-shoes', '9', 1, 8990),
    ('902117', 1, 'winter-jacket', 'm', 1, 14900), ('775530', 1, 'headphones', '', 1, 12900),
    ('640098', 1, 'desk-lamp', '', 1, 3990), ('123456', 1, 'keyboard', '', 1, 6990),
    ('580421', 1, 'sofa', '', 1, 74900), ('580421', 2, 'cushion', '', 2, 1990),
    ('204466', 1, 'toaster', '', 1, 3990), ('871309', 1, 'camera', '', 1, 44900),
    ('999000', 1, 'bookshelf', '', 1, 15900), ('610233', 1, 'espresso-cups', '', 1, 2490),
    ('517884', 1, 'toothbrush', '', 1, 5990), ('488120', 1, 'yoga-mat', '', 1, 2990),
    ('701552', 1, 'garden-chairs', '', 2, 9900), ('733015', 1, 'reading-lamp', '', 1, 4990),
    ('845510', 1, 'winter-boots', '8', 1, 11900), ('845510', 2, 'running-socks', '', 2, 1290),
    ('846220', 1, 'blender', '', 1, 5490), ('847001', 1, 'rain-jacket', 'm', 1, 7990),
    ('662148', 1, 'office-chair', '', 1, 28900), ('551207', 1, 'running-shoes', '8', 1, 8990),
    ('551300', 1, 'wool-sweater', 's', 1, 6990), ('551300', 2, 'scarf', '', 1, 2490),
    ('432100', 1, 'kettle', '', 1, 3490), ('690077', 1, 'earbuds', '', 1, 7990),
    ('690077', 2, 'phone-case', '', 1, 1990), ('204500', 1, 'rain-jacket', 'l', 1, 7990),
    ('871400', 1, 'wool-sweater', 'm', 1, 6990), ('999120', 1, 'standing-lamp', '', 1, 8990),
    ('345001', 1, 'toaster', '', 1, 3990), ('345002', 1, 'headphones', '', 1, 12900),
    ('777120', 1, 'camera', '', 1, 44900), ('432155', 1, 'coffee-grinder', '', 1, 5990),
    ('690120', 1, 'standing-lamp', '', 1, 8990), ('662200', 1, 'camera', '', 1, 44900);

CREATE TABLE returns (
    order_id TEXT NOT NULL, n INTEGER NOT NULL, reason TEXT NOT NULL, refund INTEGER NOT NULL, opened TEXT NOT NULL,
    PRIMARY KEY (order_id, n)
);
CREATE TABLE exchanges (order_id TEXT NOT NULL, n INTEGER NOT NULL, size TEXT NOT NULL, opened TEXT NOT NULL, PRIMARY KEY (order_id, n));
CREATE TABLE complaints (
    id INTEGER PRIMARY KEY, customer TEXT NOT NULL, order_id TEXT NOT NULL, problem TEXT NOT NULL, remedy TEXT NOT NULL, amount INTEGER NOT NULL, story TEXT NOT NULL, at TEXT NOT NULL,
    UNIQUE (order_id, problem, story)    -- one compensation for one mishap
);
CREATE TABLE vouchers (code TEXT PRIMARY KEY, customer TEXT NOT NULL, amount INTEGER NOT NULL, reason TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0);
INSERT INTO vouchers VALUES ('K4W7', '20417', 500, 'birthday', 1), ('P9M2', '21044', 1000, 'points', 0), ('T3H8', '20845', 500, 'late', 0);

-- Letters that the sample shop would send: a real one has a mail and a text-message service here.
CREATE TABLE outbox (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, what TEXT NOT NULL, at TEXT NOT NULL);

CREATE TABLE branches (
    id TEXT PRIMARY KEY, city TEXT NOT NULL, street TEXT NOT NULL, postcode TEXT NOT NULL, phone TEXT NOT NULL,
    week_open TEXT, week_close TEXT, saturday_open TEXT, saturday_close TEXT, sunday_open TEXT, sunday_close TEXT    -- null: closed
);
INSERT INTO branches VALUES
    ('portland', 'Portland', '12 Commercial Street', '04101', '+12075550150', '10:00', '20:00', '10:00', '18:00', '11:00', '17:00'),
    ('bangor', 'Bangor', '40 Harlow Street', '04401', '+12075550151', '10:00', '19:00', '10:00', '18:00', NULL, NULL),
    ('lewiston', 'Lewiston', '85 Lisbon Street', '04240', '+12075550152', '10:00', '19:00', '10:00', '17:00', NULL, NULL),
    ('brunswick', 'Brunswick', '130 Maine Street', '04011', '+12075550153', '09:30', '18:00', '10:00', '16:00', NULL, NULL),
    ('augusta', 'Augusta', '201 Water Street', '04330', '+12075550154', '10:00', '18:30', '10:00', '17:00', '12:00', '16:00');

-- Days until a parcel is there, by the beginning of the postcode; 0: we don't deliver there (Alaska, Hawaii).
CREATE TABLE zones (prefix TEXT PRIMARY KEY, standard INTEGER NOT NULL, express INTEGER NOT NULL);
INSERT INTO zones VALUES ('04', 2, 1), ('0', 3, 1), ('1', 3, 2), ('2', 4, 2), ('3', 4, 2), ('4', 4, 2), ('5', 5, 2), ('6', 5, 2), ('7', 5, 3), ('8', 6, 3), ('9', 6, 3),
    ('995', 0, 0), ('996', 0, 0), ('997', 0, 0), ('998', 0, 0), ('999', 0, 0), ('967', 0, 0), ('968', 0, 0);

-- What goes with what.
CREATE TABLE pairs (product TEXT NOT NULL, suggests TEXT NOT NULL, weight INTEGER NOT NULL, PRIMARY KEY (product, suggests));
INSERT INTO pairs VALUES
    ('coffee-machine', 'coffee-grinder', 9), ('coffee-machine', 'espresso-cups', 8), ('espresso-cups', 'coffee-grinder', 5), ('coffee-grinder', 'coffee-machine', 6),
    ('running-shoes', 'running-socks', 9), ('running-shoes', 'yoga-mat', 4), ('winter-jacket', 'scarf', 8), ('winter-jacket', 'winter-boots', 6),
    ('rain-jacket', 'winter-boots', 5), ('wool-sweater', 'scarf', 8), ('winter-boots', 'wool-sweater', 7), ('headphones', 'phone-case', 5),
    ('earbuds', 'phone-case', 7), ('desk-lamp', 'office-chair', 5), ('reading-lamp', 'bookshelf', 6), ('bookshelf', 'reading-lamp', 8), ('standing-lamp', 'cushion', 5),
    ('keyboard', 'mouse-pad', 9), ('sofa', 'standing-lamp', 8), ('sofa', 'cushion', 6), ('garden-chairs', 'cushion', 8), ('office-chair', 'desk-lamp', 8),
    ('toaster', 'kettle', 8), ('kettle', 'toaster', 7), ('blender', 'toaster', 5), ('camera', 'tripod', 9), ('camera', 'headphones', 3), ('toothbrush', 'yoga-mat', 1), ('yoga-mat', 'running-shoes', 6);

-- What two customers had said before this call: Jack hung up in the middle of a return, Ben likes it slow.
INSERT INTO attendant_memory VALUES
    ('21377', 'unfinished', 'return_item', moment(-1, '16:20')),
    ('20533', 'pace', 'slow', moment(-30, '11:05')),
    ('20417', 'consent', 'yes', moment(-60, '09:40'));
