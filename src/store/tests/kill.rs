//! Processes that die.
pub(in crate::store) fn stand_still() {}
