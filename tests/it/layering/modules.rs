//! From the text of the source files to modules: what each declares, imports and names. The texts are read by a lexer of
//! Rust, so comments and strings are passed over, and what stands in macros is read as any other code.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module's path from the root of the crate; `main.rs` is the module `main`.
pub(super) type Path = Vec<String>;

/// The modules of all files, those that are written within another included.
pub(super) type Modules = BTreeMap<Path, Module>;

#[derive(Default)]
pub(super) struct Module {
    /// The file that it is in, below `src/`.
    pub(super) file: String,
    /// The names of its items.
    pub(super) items: BTreeSet<String>,
    /// The types among them that other files may see, without those of tests.
    pub(super) types: Vec<String>,
    pub(super) imports: Vec<Import>,
    /// The paths of at least two names, outside of imports.
    pub(super) paths: BTreeSet<Path>,
    /// The names that stand alone or begin a path, outside of imports.
    pub(super) names: BTreeSet<String>,
}

/// One name of a `use`.
pub(super) struct Import {
    /// What it is called here, or `*`.
    pub(super) name: String,
    pub(super) path: Path,
    /// Whether others may see it.
    pub(super) exported: bool,
}

/// Reads files, by their paths below `src/`.
pub(super) fn read(files: &BTreeMap<String, String>) -> Modules {
    let mut reader = Reader { modules: Modules::new(), tests: BTreeSet::new(), file: String::new() };
    let mut paths: Vec<(Path, &String, &String)> =
        files.iter().map(|(file, text)| (module_of(file), file, text)).collect();
    // A module says of those below it whether they are tests.
    paths.sort();
    for (path, file, text) in paths {
        file.clone_into(&mut reader.file);
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        let test = (0..=path.len()).any(|end| reader.tests.contains(&path[..end]));
        reader.module(path, tokens, test);
    }
    reader.modules
}

fn module_of(file: &str) -> Path {
    let names = file.strip_suffix(".rs").unwrap_or(file);
    let names = names.strip_suffix("/mod").unwrap_or(names);
    names.split('/').filter(|name| *name != "lib").map(str::to_owned).collect()
}

struct Reader {
    modules: Modules,
    /// The modules that only tests have.
    tests: BTreeSet<Path>,
    file: String,
}

impl Reader {
    fn module(&mut self, path: Path, tokens: TokenStream, test: bool) {
        let mut module = Module { file: self.file.clone(), ..Module::default() };
        self.tokens(&path, &mut module, tokens, test, true);
        self.modules.insert(path, module);
    }

    /// Reads the tokens of a module, or of a group somewhere in it.
    fn tokens(&mut self, at: &[String], module: &mut Module, tokens: TokenStream, test: bool, top: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // Of the item that is being read.
        let (mut tested, mut exported) = (test, false);
        let mut next = 0;
        while let Some(token) = tokens.get(next) {
            let rest = &tokens[next + 1..];
            next += 1;
            match token {
                TokenTree::Punct(punct) => match punct.as_char() {
                    '#' => {
                        let inner = usize::from(rest.first().is_some_and(|token| is(token, '!')));
                        if let Some(TokenTree::Group(attribute)) = rest.get(inner) {
                            tested |=
                                matches!(attribute.to_string().as_str(), "[cfg (test)]" | "[cfg(test)]" | "[test]");
                            attribute_names(module, attribute.stream());
                            next += inner + 1;
                        }
                    }
                    ';' => (tested, exported) = (test, false),
                    ',' if !top => tested = test,
                    ':' if rest.first().is_some_and(|token| is(token, ':')) => {
                        // `::name` begins a path, unless it goes on behind a `>`.
                        let goes_on = next > 1 && is(&tokens[next - 2], '>');
                        let (path, length) = path(&rest[1..]);
                        if !goes_on && length > 0 {
                            module.paths.insert([vec![String::new()], path].concat());
                        }
                        next += 1 + length;
                    }
                    _ => {}
                },
                TokenTree::Group(group) => {
                    self.tokens(at, module, group.stream(), tested, false);
                    if group.delimiter() == Delimiter::Brace {
                        (tested, exported) = (test, false);
                    }
                }
                TokenTree::Ident(word) => match (word.to_string().as_str(), rest) {
                    ("pub", _) => {
                        exported = true;
                        let limited = |group: &proc_macro2::Group| group.delimiter() == Delimiter::Parenthesis;
                        next += usize::from(matches!(rest.first(), Some(TokenTree::Group(group)) if limited(group)));
                    }
                    ("use", _) => {
                        let end = rest.iter().position(|token| is(token, ';')).unwrap_or(rest.len());
                        imports(&rest[..end], &[], exported, &mut module.imports);
                        next += end;
                    }
                    ("mod", [TokenTree::Ident(name), TokenTree::Group(body), ..]) => {
                        let path = [at, &[name.to_string()]].concat();
                        self.module(path, body.stream(), tested);
                        next += 2;
                        (tested, exported) = (test, false);
                    }
                    ("mod", [TokenTree::Ident(name), ..]) => {
                        if tested {
                            self.tests.insert([at, &[name.to_string()]].concat());
                        }
                        next += 1;
                    }
                    (kind @ ("struct" | "enum" | "union" | "trait" | "type"), [TokenTree::Ident(name), ..]) if top => {
                        module.items.insert(name.to_string());
                        if exported && !tested && kind != "mod" {
                            module.types.push(name.to_string());
                        }
                        next += 1;
                    }
                    ("fn" | "const" | "static", [TokenTree::Ident(name), ..]) if top && name != "fn" => {
                        module.items.insert(name.to_string());
                        next += 1;
                    }
                    _ if next > 1 && is(&tokens[next - 2], '.') => {}
                    _ => {
                        let (path, length) = path(&tokens[next - 1..]);
                        module.names.insert(path[0].clone());
                        if path.len() > 1 {
                            module.paths.insert(path);
                        }
                        next += length - 1;
                    }
                },
                TokenTree::Literal(_) => {}
            }
        }
    }
}

/// The path at the beginning, and how many tokens it takes.
fn path(tokens: &[TokenTree]) -> (Path, usize) {
    let mut path = Path::new();
    let mut length = 0;
    while let Some(TokenTree::Ident(name)) = tokens.get(length) {
        path.push(name.to_string());
        length += 1;
        match &tokens[length..] {
            [one, two, TokenTree::Ident(_), ..] if is(one, ':') && is(two, ':') => length += 2,
            _ => break,
        }
    }
    (path, length)
}

/// Attributes name paths too, those of serde in strings.
fn attribute_names(module: &mut Module, tokens: TokenStream) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if matches!(&tokens[..], [TokenTree::Ident(name), ..] if name == "doc") {
        return;
    }
    for at in 0..tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => attribute_names(module, group.stream()),
            TokenTree::Ident(_) => {
                let (path, _) = path(&tokens[at..]);
                module.names.insert(path[0].clone());
                module.paths.extend((path.len() > 1).then_some(path));
            }
            TokenTree::Literal(text) => {
                let text = text.to_string();
                let words: Path = text.trim_matches('"').split("::").map(str::to_owned).collect();
                let named = |word: &String| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
                module.paths.extend((words.len() > 1 && words.iter().all(named)).then_some(words));
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// The names of a `use`, or of a group within it.
fn imports(tokens: &[TokenTree], front: &[String], exported: bool, found: &mut Vec<Import>) {
    for part in tokens.split(|token| is(token, ',')) {
        let mut path = front.to_vec();
        let mut name = None;
        let mut grouped = part.is_empty();
        for (at, token) in part.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    name = part.get(at + 1).map(TokenTree::to_string);
                    break;
                }
                TokenTree::Ident(word) if word == "self" && at == 0 && !front.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
                    imports(&tokens, &path, exported, found);
                    grouped = true;
                }
                token if is(token, '*') => name = Some("*".to_owned()),
                token if is(token, ':') && at == 0 => path.push(String::new()),
                _ => {}
            }
        }
        if !grouped {
            let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
            found.push(Import { name, path, exported });
        }
    }
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
