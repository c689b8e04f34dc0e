//! stub
use super::Explained;
pub fn page(_: &Explained, _: Option<usize>, _: Option<&[u8]>) -> String {
    String::new()
}
