-- Sample data of the shop. day(n) is n days after the day on which it was loaded.
CREATE TABLE orders (id TEXT PRIMARY KEY, item TEXT NOT NULL, status TEXT NOT NULL, due TEXT NOT NULL, carrier TEXT NOT NULL);
INSERT INTO orders VALUES
  ('456712', 'coffee machine', 'shipped', day(1), 'Northline'),
  ('318204', 'running shoes', 'delivered', day(-2), 'Northline'),
  ('902117', 'winter jacket', 'processing', day(3), 'Blue Van'),
  ('775530', 'headphones', 'shipped', day(0), 'Blue Van'),
  ('640098', 'desk lamp', 'cancelled', day(-5), 'none'),
  ('123456', 'keyboard, black', 'shipped', day(2), 'Northline'),
  ('580421', 'two-seat sofa', 'processing', day(9), 'Heavy Haul'),
  ('204466', 'toaster', 'delivered', day(-1), 'Blue Van'),
  ('871309', 'camera', 'shipped', day(4), 'Northline'),
  ('999000', 'bookshelf', 'delivered', '2026-10-30', 'Heavy Haul');
