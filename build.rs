//! Links libsonic statically: espeak-ng uses it to change speed, and a plain `-lsonic` would make
//! every user install libsonic.so.0.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_SPEECH").is_none() {
        return;
    }
    // Debian's multiarch folder; elsewhere the default search path serves.
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    println!("cargo:rustc-link-search=native=/usr/lib/{arch}-linux-gnu");
    println!("cargo:rustc-link-lib=static=sonic");
}
