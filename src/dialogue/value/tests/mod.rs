//! Tables of phrasings, a file for each kind, and properties of any words.
