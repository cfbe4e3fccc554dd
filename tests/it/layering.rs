//! The layering rule: the modules stand in `src/lib.rs` in the order in which they may use each other, each only those above
//! it. So there is no circle of imports, and what stands at the top can be read without knowing the rest.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_module_uses_only_those_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let order = declared_modules(&fs::read_to_string(source.join("lib.rs")).unwrap());
    assert!(order.len() > 5, "the modules of src/lib.rs were not understood: {order:?}");

    let mut wrong = Vec::new();
    for (height, module) in order.iter().enumerate() {
        for file in files_of(&source, module) {
            for used in used_modules(&fs::read_to_string(&file).unwrap()) {
                let Some(other) = order.iter().position(|name| *name == used) else { continue };
                if other > height {
                    let file = file.strip_prefix(&source).unwrap().display();
                    wrong.push(format!("src/{file} uses `{used}`, which stands below `{module}` in src/lib.rs"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn uses_are_found_in_every_form() {
    let text = r#"
        //! Prose may name [`crate::prose`] and crate::prose.
        use crate::one;
        use crate::two::Thing; // crate::comment
        use crate::{three, four::{Five, six}, seven as eight};
        pub(crate) use crate::{
            nine::Ten,
            eleven::{self, Twelve},
        };
        fn f() -> crate::thirteen::T { "crate::text".len(); mycrate::other(); crate::function() }
    "#;
    let found: Vec<_> = used_modules(text).into_iter().collect();
    assert_eq!(found, ["eleven", "four", "function", "nine", "one", "seven", "thirteen", "three", "two"]);
}

#[test]
fn modules_are_read_in_the_order_of_the_file() {
    assert_eq!(declared_modules("//! pub mod no;\npub mod b;\nmod a;\n\npub mod c;\nfn f() {}"), ["b", "a", "c"]);
}

/// The names in `mod NAME;` lines, in their order.
fn declared_modules(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.trim();
        let rest = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?;
        Some(rest.strip_suffix(';')?.to_owned())
    };
    text.lines().filter_map(name).collect()
}

/// `NAME.rs` and all files below `NAME/`.
fn files_of(source: &Path, module: &str) -> Vec<PathBuf> {
    let mut files = vec![source.join(format!("{module}.rs"))];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.retain(|file| file.is_file());
    assert!(!files.is_empty(), "`mod {module};` has no file below src/");
    files
}

/// The modules of this crate that a file names: `crate::NAME`, and each NAME of `crate::{NAME, …}`.
fn used_modules(text: &str) -> BTreeSet<String> {
    let code = without_comments_and_strings(text);
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => used.extend(first_names(list)),
            None => used.extend([identifier(rest)]),
        }
    }
    used
}

/// The first identifier of each item of a use list, up to its closing brace.
fn first_names(list: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut depth = 0;
    let mut item = String::new();
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.insert(identifier(&item));
                item.clear();
                continue;
            }
            _ => {}
        }
        item.push(c);
    }
    names.insert(identifier(&item));
    names.remove("");
    names
}

fn identifier(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Rust code without what stands in line comments and string literals, as far as `crate::` may stand there. A quote in a
/// character literal or a raw string ends at the line's end at the latest.
fn without_comments_and_strings(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        let mut in_string = false;
        let mut characters = line.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\\' if in_string => drop(characters.next()),
                '"' => in_string = !in_string,
                '/' if !in_string && characters.peek() == Some(&'/') => break,
                c if !in_string => code.push(c),
                _ => {}
            }
        }
        code.push('\n');
    }
    code
}
