//! Answers in tables.
