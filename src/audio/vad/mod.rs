//! Voice activity.
mod kernel;
mod network;
