//! Digits in tables.
