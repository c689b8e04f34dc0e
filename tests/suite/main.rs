//! The integration suite: one binary, because each further one links whisper.cpp again.
mod audio;
mod calls;
mod cli;
mod config;
mod dialogue;
mod hearing;
mod line;
mod load;
mod privacy;
mod replay;
mod speech;
mod tidy;
