-- Sample data of the clinic, all of it invented. day(n) is n days after the day on which it was loaded.

CREATE TABLE patients (
  id TEXT PRIMARY KEY, first TEXT NOT NULL, surname TEXT NOT NULL, phone TEXT, language TEXT NOT NULL DEFAULT 'en',
  born TEXT NOT NULL, postcode TEXT NOT NULL, address TEXT NOT NULL, insurance TEXT NOT NULL,
  guardian TEXT REFERENCES patients, relation_en TEXT, relation_es TEXT);
INSERT INTO patients (id, first, surname, phone, language, born, postcode, address, insurance) VALUES
  ('1001', 'Grace', 'Miller', '+15550101', 'en', '1984-03-12', '60614', '12 Willow Street', 'HB448201'),
  ('1002', 'Carlos', 'Ramírez', '+15550102', 'es', '1975-07-04', '60622', '88 Ashland Avenue', 'HB771530'),
  ('1003', 'Evelyn', 'Brooks', '+15550103', 'en', '1951-11-23', '60601', '5 Lake Terrace', 'MC102938'),
  ('1004', 'Daniel', 'Kim', '+15550104', 'en', '1990-01-30', '60616', '301 Archer Avenue', 'NW556677'),
  ('1005', 'Lucía', 'Fernández', '+15550105', 'es', '1988-09-15', '60623', '17 Kedzie Avenue', 'NW203040'),
  ('1006', 'Thomas', 'Reed', '+15550106', 'en', '1967-05-02', '60640', '9 Foster Place', 'HB909192'),
  ('1007', 'Anna', 'Reed', '+15550106', 'en', '1969-08-19', '60640', '9 Foster Place', 'HB909193'),
  ('1008', 'Priya', 'Patel', '+15550108', 'en', '1995-12-01', '60607', '44 Harrison Street', 'NW818283'),
  ('1009', 'George', 'Hall', '+15550109', 'en', '1948-02-17', '60657', '70 Belmont Avenue', 'MC665544'),
  ('1010', 'Marta', 'Ruiz', '+15550110', 'es', '1960-06-06', '60632', '23 Pulaski Road', 'MC121314'),
  ('1011', 'Noah', 'Clark', '+15550111', 'en', '2001-10-10', '60615', '8 Drexel Square', 'NW454647');
INSERT INTO patients VALUES
  ('1012', 'Leo', 'Miller', NULL, 'en', '2016-05-20', '60614', '12 Willow Street', 'HB448202', '1001', 'son', 'hijo'),
  ('1013', 'Mia', 'Miller', NULL, 'en', '2019-09-09', '60614', '12 Willow Street', 'HB448203', '1001', 'daughter', 'hija'),
  ('1014', 'Sofía', 'Ramírez', NULL, 'es', '2018-02-28', '60622', '88 Ashland Avenue', 'HB771531', '1002', 'daughter', 'hija');

-- Wrong answers to "who are you" in a row, by number or call; the third one locks.
CREATE TABLE attempts (who TEXT PRIMARY KEY, tries INTEGER NOT NULL);

CREATE TABLE doctors (
  id TEXT PRIMARY KEY, first TEXT NOT NULL, surname TEXT NOT NULL, woman INTEGER NOT NULL, specialty TEXT NOT NULL,
  speaks TEXT NOT NULL, speaks_en TEXT NOT NULL, speaks_es TEXT NOT NULL);
INSERT INTO doctors VALUES
  ('okafor', 'Amara', 'Okafor', 1, 'general', 'english french', 'English and French', 'inglés y francés'),
  ('nowak', 'Victor', 'Nowak', 0, 'general', 'english spanish', 'English and Spanish', 'inglés y español'),
  ('lind', 'Peter', 'Lind', 0, 'dermatology', 'english', 'English', 'inglés'),
  ('vargas', 'Elena', 'Vargas', 1, 'dermatology', 'english spanish', 'English and Spanish', 'inglés y español'),
  ('brandt', 'Samuel', 'Brandt', 0, 'cardiology', 'english german', 'English and German', 'inglés y alemán'),
  ('osei', 'Grace', 'Osei', 1, 'cardiology', 'english', 'English', 'inglés'),
  ('delaney', 'Mark', 'Delaney', 0, 'orthopedics', 'english', 'English', 'inglés'),
  ('jimenez', 'Rosa', 'Jiménez', 1, 'pediatrics', 'english spanish', 'English and Spanish', 'inglés y español'),
  ('cho', 'Helen', 'Cho', 1, 'gynecology', 'english korean', 'English and Korean', 'inglés y coreano'),
  ('stein', 'Julia', 'Stein', 1, 'ent', 'english german', 'English and German', 'inglés y alemán'),
  ('haddad', 'Omar', 'Haddad', 0, 'eyes', 'english arabic french', 'English, Arabic and French', 'inglés, árabe y francés'),
  ('zhao', 'Wen', 'Zhao', 1, 'neurology', 'english mandarin', 'English and Mandarin', 'inglés y mandarín'),
  ('dubois', 'Claire', 'Dubois', 1, 'mental', 'english french', 'English and French', 'inglés y francés');

-- How specialties are said.
CREATE TABLE specialties (id TEXT PRIMARY KEY, en TEXT NOT NULL, es TEXT NOT NULL, lay_en TEXT NOT NULL, lay_es TEXT NOT NULL);
INSERT INTO specialties VALUES
  ('general', 'general practice', 'medicina general', 'checkup', 'chequeo'),
  ('dermatology', 'dermatology', 'dermatología', 'skin', 'piel'),
  ('cardiology', 'cardiology', 'cardiología', 'heart', 'corazón'),
  ('orthopedics', 'orthopedics', 'traumatología', 'knee', 'rodilla'),
  ('pediatrics', 'pediatrics', 'pediatría', 'pediatrician', 'pediatra'),
  ('gynecology', 'gynecology', 'ginecología', 'gynecologist', 'ginecóloga'),
  ('ent', 'ear, nose and throat', 'otorrinolaringología', 'ear', 'oído'),
  ('eyes', 'ophthalmology', 'oftalmología', 'eye', 'ojos'),
  ('neurology', 'neurology', 'neurología', 'neurologist', 'neuróloga'),
  ('mental', 'mental health', 'salud mental', 'therapy', 'terapia');

-- Which weekdays (1 is Monday) and minutes of the day a doctor sees patients.
CREATE TABLE shifts (doctor TEXT NOT NULL REFERENCES doctors, weekday INTEGER NOT NULL, opens INTEGER NOT NULL, closes INTEGER NOT NULL);
INSERT INTO shifts VALUES
  ('okafor', 1, 510, 1020), ('okafor', 2, 510, 1020), ('okafor', 3, 510, 780), ('okafor', 4, 720, 1140), ('okafor', 5, 510, 900),
  ('nowak', 1, 540, 1020), ('nowak', 2, 540, 1020), ('nowak', 3, 540, 1020), ('nowak', 4, 540, 1140), ('nowak', 5, 540, 930),
  ('lind', 1, 540, 1020), ('lind', 2, 540, 1020), ('lind', 4, 540, 1140), ('lind', 5, 540, 840),
  ('vargas', 1, 600, 1020), ('vargas', 3, 600, 1020), ('vargas', 4, 600, 1140),
  ('brandt', 1, 540, 900), ('brandt', 3, 540, 900), ('brandt', 5, 540, 840),
  ('osei', 2, 600, 1020), ('osei', 4, 600, 1140),
  ('delaney', 1, 540, 1020), ('delaney', 2, 540, 1020), ('delaney', 3, 540, 1020), ('delaney', 5, 540, 840),
  ('jimenez', 1, 510, 1020), ('jimenez', 2, 510, 1020), ('jimenez', 3, 510, 1020), ('jimenez', 4, 510, 1140), ('jimenez', 5, 510, 900),
  ('cho', 1, 540, 960), ('cho', 3, 540, 960), ('cho', 4, 600, 1140),
  ('stein', 2, 540, 1020), ('stein', 3, 540, 1020), ('stein', 5, 540, 900),
  ('haddad', 1, 540, 960), ('haddad', 4, 540, 1140),
  ('zhao', 2, 540, 960), ('zhao', 4, 600, 1140),
  ('dubois', 1, 600, 1020), ('dubois', 2, 600, 1020), ('dubois', 3, 600, 1020), ('dubois', 4, 600, 1140);

-- The calendar: half hours of the next three weeks in which a doctor sees patients. Noon is lunch.
CREATE TABLE slots (id TEXT PRIMARY KEY, doctor TEXT NOT NULL REFERENCES doctors, day TEXT NOT NULL, time TEXT NOT NULL, at TEXT NOT NULL);
INSERT INTO slots
  WITH RECURSIVE
    days(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM days WHERE n < 20),
    halves(m) AS (SELECT 510 UNION ALL SELECT m + 30 FROM halves WHERE m < 1110),
    grid AS (
      SELECT shifts.doctor AS doctor, day(n) AS day, printf('%02d:%02d', m / 60, m % 60) AS time
      FROM days JOIN halves JOIN shifts
        ON shifts.weekday = CAST(strftime('%w', day(n)) AS INTEGER) AND m >= opens AND m < closes
      WHERE m NOT IN (720, 750))
  SELECT doctor || '-' || day || 'T' || time, doctor, day, time, day || 'T' || time FROM grid;

-- A slot is booked once: the last guard against two callers at the same moment.
CREATE TABLE bookings (slot TEXT PRIMARY KEY REFERENCES slots, patient TEXT NOT NULL REFERENCES patients);

-- What the desk is booking at this moment: still free to look at, and taken when it comes to booking.
CREATE TABLE desk_holds (slot TEXT PRIMARY KEY REFERENCES slots);
INSERT INTO desk_holds
  SELECT id FROM slots WHERE doctor = 'lind' AND strftime('%w', day) = '4' AND day > day(0) AND time = '10:00' ORDER BY day LIMIT 1;

-- Appointments of the sample patients: the doctor's first or second day from so many days on, at this time.
CREATE TABLE wanted (patient TEXT, doctor TEXT, days INTEGER, time TEXT);
INSERT INTO wanted VALUES
  ('1001', 'lind', 2, '14:00'), ('1001', 'okafor', 6, '09:00'), ('1012', 'jimenez', 8, '15:30'),
  ('1002', 'nowak', 3, '09:30'), ('1003', 'brandt', 1, '10:00'), ('1003', 'haddad', 9, '11:00'), ('1003', 'okafor', 13, '09:30'),
  ('1004', 'delaney', 6, '09:00'), ('1005', 'vargas', 2, '11:00'), ('1005', 'cho', 8, '10:00'),
  ('1008', 'okafor', 0, '15:00'), ('1009', 'osei', 2, '15:00'), ('1010', 'brandt', 3, '09:30');
INSERT INTO bookings
  SELECT (SELECT id FROM slots WHERE slots.doctor = wanted.doctor AND slots.time = wanted.time AND day >= day(wanted.days) ORDER BY day LIMIT 1), patient
  FROM wanted;
DROP TABLE wanted;

-- Other patients: about half of the calendar is full.
INSERT INTO patients (id, first, surname, born, postcode, address, insurance) VALUES ('9000', 'Other', 'Patients', '1900-01-01', '00000', '', '');
INSERT INTO bookings
  SELECT id, '9000' FROM (SELECT id, row_number() OVER (ORDER BY day, doctor, time) AS nth FROM slots)
  WHERE nth * 7919 % 100 < 45 AND id NOT IN (SELECT slot FROM bookings) AND id NOT IN (SELECT slot FROM desk_holds);

-- How times are picked beside what is understood as a time anyway: "two" is 2 o'clock where that is offered, and
-- else the second one.
CREATE TABLE clock (time TEXT PRIMARY KEY, figures TEXT, en TEXT, es TEXT);
INSERT INTO clock VALUES
  ('13:00', '1:00', 'one', 'la una'), ('14:00', '2:00', 'two', 'dos'), ('15:00', '3:00', 'three', 'tres'),
  ('13:30', '1:30', 'one thirty', 'una y media'), ('14:30', '2:30', 'two thirty', 'dos y media'), ('15:30', '3:30', 'three thirty', 'tres y media');

CREATE TABLE weekdays (nth INTEGER PRIMARY KEY, en TEXT, es TEXT);
INSERT INTO weekdays VALUES
  (0, 'Sunday', 'domingo'), (1, 'Monday', 'lunes'), (2, 'Tuesday', 'martes'), (3, 'Wednesday', 'miércoles'),
  (4, 'Thursday', 'jueves'), (5, 'Friday', 'viernes'), (6, 'Saturday', 'sábado');

CREATE TABLE medicines (id TEXT PRIMARY KEY, en TEXT NOT NULL, es TEXT NOT NULL, lay_en TEXT NOT NULL, lay_es TEXT NOT NULL);
INSERT INTO medicines VALUES
  ('ibuprofen', 'ibuprofen', 'ibuprofeno', 'advil', 'inflamación'),
  ('acetaminophen', 'acetaminophen', 'paracetamol', 'tylenol', 'tylenol'),
  ('amoxicillin', 'amoxicillin', 'amoxicilina', 'antibiotic', 'antibiótico'),
  ('metformin', 'metformin', 'metformina', 'diabetes', 'diabetes'),
  ('lisinopril', 'lisinopril', 'lisinopril', 'pressure', 'tensión'),
  ('atorvastatin', 'atorvastatin', 'atorvastatina', 'cholesterol', 'colesterol'),
  ('levothyroxine', 'levothyroxine', 'levotiroxina', 'thyroid', 'tiroides'),
  ('oxycodone', 'oxycodone', 'oxicodona', 'painkiller', 'analgésico'),
  ('zolpidem', 'zolpidem', 'zolpidem', 'sleeping', 'dormir');

CREATE TABLE prescriptions (
  id TEXT PRIMARY KEY, patient TEXT NOT NULL REFERENCES patients, medicine TEXT NOT NULL REFERENCES medicines,
  strength TEXT NOT NULL, refills INTEGER NOT NULL, controlled INTEGER NOT NULL DEFAULT 0, doctor TEXT NOT NULL REFERENCES doctors);
INSERT INTO prescriptions VALUES
  ('R101', '1001', 'levothyroxine', '50 micrograms', 2, 0, 'okafor'),
  ('R103', '1003', 'lisinopril', '10 milligrams', 3, 0, 'brandt'),
  ('R104', '1003', 'atorvastatin', '20 milligrams', 0, 0, 'brandt'),
  ('R105', '1003', 'oxycodone', '5 milligrams', 1, 1, 'okafor'),
  ('R106', '1002', 'metformin', '500 milligrams', 1, 0, 'nowak'),
  ('R107', '1002', 'lisinopril', '10 milligrams', 0, 0, 'nowak'),
  ('R108', '1009', 'zolpidem', '5 milligrams', 2, 1, 'okafor'),
  ('R109', '1010', 'atorvastatin', '20 milligrams', 2, 0, 'brandt'),
  ('R110', '1006', 'metformin', '850 milligrams', 4, 0, 'nowak'),
  ('R111', '1012', 'amoxicillin', '250 milligrams', 0, 0, 'jimenez');
CREATE TABLE refills (prescription TEXT NOT NULL REFERENCES prescriptions, day TEXT NOT NULL, UNIQUE (prescription, day));
CREATE TABLE renewals (prescription TEXT PRIMARY KEY REFERENCES prescriptions, day TEXT NOT NULL);

-- Test results: only whether there are any is ever said, never what they are.
CREATE TABLE results (id TEXT PRIMARY KEY, patient TEXT NOT NULL REFERENCES patients, en TEXT NOT NULL, es TEXT NOT NULL, ready INTEGER NOT NULL);
INSERT INTO results VALUES
  ('T1', '1001', 'blood test', 'análisis de sangre', 1),
  ('T2', '1003', 'heart scan', 'ecografía del corazón', 0),
  ('T3', '1005', 'blood test', 'análisis de sangre', 1),
  ('T4', '1006', 'knee X-ray', 'radiografía de la rodilla', 1);

CREATE TABLE callbacks (
  id INTEGER PRIMARY KEY, patient TEXT NOT NULL, number TEXT NOT NULL, period TEXT NOT NULL, about TEXT NOT NULL, UNIQUE (patient, number, about));
CREATE TABLE registrations (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, born TEXT NOT NULL, postcode TEXT NOT NULL, number TEXT NOT NULL, UNIQUE (name, born));
CREATE TABLE late (patient TEXT NOT NULL, slot TEXT NOT NULL, minutes INTEGER NOT NULL, PRIMARY KEY (patient, slot));
