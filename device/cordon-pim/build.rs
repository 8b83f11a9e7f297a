//! Builds the program again when the page that it embeds has changed.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // A debug build reads the page from the disk when it runs.
    let embeds = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let page = Path::new("../../web/pim/dist");
    if embeds && page.exists() {
        println!("cargo:rerun-if-changed={}", page.display());
    }
}
