//! The integration suite: one binary, because each further one links whisper.cpp again.
mod audio;
mod calls;
mod support;
mod cli;
mod config;
mod dialogue;
mod line;
mod load;
mod privacy;
mod replay;
mod speech;
mod tidy;
