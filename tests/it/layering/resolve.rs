//! Where a path leads: through children, imports and re-exports to the module that defines what it names, or out of the crate.

use super::modules::{Modules, Path};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A module of this crate, which is what is named, or defines it.
    Module(Path),
    /// Another crate, by the whole path from its name on.
    Crate(Path),
}

/// Imports that lead further than this lead back to themselves.
const DEEPEST: usize = 32;

/// Where a path leads that stands in a module.
pub(super) fn resolve(modules: &Modules, from: &[String], path: &[String]) -> Target {
    let (module, rest) = match start(from, path) {
        Some(start) => start,
        None => match find(modules, from, path, 0) {
            Some(target) => return target,
            None => return Target::Crate(path.iter().filter(|name| !name.is_empty()).cloned().collect()),
        },
    };
    // What the module does not seem to have is made by a macro there.
    find(modules, &module, rest, 0).unwrap_or(Target::Module(module))
}

/// Where a path begins that says so itself, and what is left of it.
fn start<'p>(from: &[String], path: &'p [String]) -> Option<(Path, &'p [String])> {
    let of_program = from.first().is_some_and(|name| name == "main");
    match path.first().map(String::as_str) {
        Some("crate") => Some((Path::new(), &path[1..])),
        Some("shipmark") if of_program => Some((Path::new(), &path[1..])),
        Some("self") => Some((from.to_vec(), &path[1..])),
        Some("super") => {
            let up = path.iter().take_while(|name| *name == "super").count();
            Some((from[..from.len().saturating_sub(up)].to_vec(), &path[up..]))
        }
        _ => None,
    }
}

/// Where a path leads from within a module; `None` where the module does not know its first name.
fn find(modules: &Modules, module: &[String], path: &[String], depth: usize) -> Option<Target> {
    let Some((name, rest)) = path.split_first() else { return Some(Target::Module(module.to_vec())) };
    let known = modules.get(module)?;
    let child = [module, std::slice::from_ref(name)].concat();
    if modules.contains_key(&child) {
        return Some(find(modules, &child, rest, depth).unwrap_or(Target::Module(child)));
    }
    if known.items.contains(name) {
        return Some(Target::Module(module.to_vec()));
    }
    if depth == DEEPEST {
        return None;
    }
    let import = known.imports.iter().find(|import| import.name == *name && import.path != [name.clone()]);
    if let Some(import) = import {
        let whole = [import.path.as_slice(), rest].concat();
        return Some(match start(module, &whole) {
            Some((at, rest)) => find(modules, &at, rest, depth + 1).unwrap_or(Target::Module(at)),
            None => find(modules, module, &whole, depth + 1).unwrap_or(Target::Crate(whole)),
        });
    }
    known.imports.iter().filter(|import| import.name == "*").find_map(|import| {
        let (at, front) = start(module, &import.path)?;
        find(modules, &at, &[front, path].concat(), depth + 1)
    })
}
