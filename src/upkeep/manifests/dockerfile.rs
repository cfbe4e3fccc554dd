//! What a Dockerfile takes from its build context and from elsewhere ([Dockerfile reference]).
//!
//! All stages are read, because the Dockerfile does not say which of them a build needs. `ONBUILD` counts in the stages
//! that are made from its own; what it does in other builds is not read.
//!
//! [Dockerfile reference]: https://docs.docker.com/reference/dockerfile/

mod flags;
mod heredocs;
mod lines;
mod variables;

use flags::flags;
use heredocs::heredoc;
use lines::{Directives, Instruction};
use variables::{Variables, expand, words};

/// The contents of a Dockerfile.
#[derive(Debug, Default)]
pub struct Dockerfile {
    /// Whether it has a `FROM`, without which it builds nothing, and is in Docker's own syntax.
    pub builds: bool,
    /// What it takes from the context.
    pub copies: Vec<Copied>,
    /// Its base images, excluding its own stages and `scratch`.
    pub images: Vec<BaseImage>,
    /// What it downloads from addresses.
    pub remotes: Vec<Remote>,
    /// Words with a variable whose value is not in the file.
    pub unclear: Vec<Unclear>,
}

/// `COPY`, `ADD`, or a `RUN` with a bind mount.
#[derive(Debug, PartialEq, Eq)]
pub struct Copied {
    /// The line, counted from 1.
    pub line: usize,
    /// The instruction, e.g. `COPY`.
    pub keyword: String,
    /// Paths in the context, which may contain wildcards.
    pub sources: Vec<String>,
    /// `--exclude`: patterns below the sources.
    pub excludes: Vec<String>,
    /// `--parents`: a `**` in a source stands for any number of directories.
    pub parents: bool,
}

/// An image.
#[derive(Debug, PartialEq, Eq)]
pub struct BaseImage {
    /// The line, counted from 1.
    pub line: usize,
    /// Its reference.
    pub name: String,
}

/// A remote file.
#[derive(Debug, PartialEq, Eq)]
pub struct Remote {
    /// The line, counted from 1.
    pub line: usize,
    /// The address.
    pub address: String,
    /// Whether a checksum is given.
    pub checked: bool,
}

/// A variable with an unknown value.
#[derive(Debug, PartialEq, Eq)]
pub struct Unclear {
    /// The line, counted from 1.
    pub line: usize,
    /// The word that contains it.
    pub word: String,
    /// The variable.
    pub variable: String,
    /// Whether it names what is taken from the context, rather than an image.
    pub copies: bool,
}

impl Unclear {
    /// Whether it can mean a path of the context or a directory above it.
    pub fn may_mean(&self, path: &str) -> bool {
        variables::may_mean(&self.word, path)
    }
}

/// Parses a Dockerfile. Lines that are not instructions are ignored.
pub fn read(text: &str) -> Dockerfile {
    let (directives, instructions) = lines::read(text);
    let mut reader = DockerfileReader { escape: directives.escape, ..DockerfileReader::default() };
    instructions.iter().for_each(|instruction| reader.instruction(instruction));
    reader.found.builds &= is_docker(&directives);
    reader.found
}

/// Whether the text is in Docker's own syntax. Another program may give it any meaning.
fn is_docker(directives: &Directives) -> bool {
    directives.syntax.as_deref().is_none_or(|image| {
        let name = image.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        matches!(name.split(':').next(), Some("dockerfile" | "dockerfile-upstream"))
    })
}

#[derive(Default)]
struct DockerfileReader {
    escape: char,
    found: Dockerfile,
    /// Variables declared before the first stage.
    globals: Variables,
    /// The last one is being read.
    stages: Vec<DockerStage>,
}

#[derive(Default)]
struct DockerStage {
    /// In lower case.
    name: Option<String>,
    variables: Variables,
    /// What `ONBUILD` does in stages that are made from this one.
    triggers: Vec<Instruction>,
}

impl DockerfileReader {
    fn instruction(&mut self, instruction: &Instruction) {
        match instruction.keyword.as_str() {
            "FROM" => self.from(instruction),
            "ARG" => self.arg(instruction),
            "ENV" => self.env(instruction),
            "COPY" | "ADD" => self.copy(instruction),
            "RUN" => self.run(instruction),
            _ => {
                if let (Some(stage), Some(triggered)) = (self.stages.last_mut(), instruction.triggered()) {
                    stage.triggers.push(triggered);
                }
            }
        }
    }

    /// The expanded word, or `None` and a note that it is unclear.
    fn clear(&mut self, line: usize, word: &str, copies: bool) -> Option<String> {
        let expanded = expand(word, self.escape, self.variables());
        self.or_unclear(line, word, copies, expanded)
    }

    fn variables(&self) -> &Variables {
        self.stages.last().map_or(&self.globals, |stage| &stage.variables)
    }

    fn or_unclear(
        &mut self,
        line: usize,
        word: &str,
        copies: bool,
        expanded: Result<String, String>,
    ) -> Option<String> {
        let told = |variable| self.found.unclear.push(Unclear { line, word: word.to_owned(), variable, copies });
        expanded.map_err(told).ok()
    }

    fn from(&mut self, instruction: &Instruction) {
        self.found.builds = true;
        let words: Vec<&str> = instruction.rest.split_whitespace().skip_while(|word| word.starts_with("--")).collect();
        let name = match words[..] {
            [_, keyword, name, ..] if keyword.eq_ignore_ascii_case("as") => Some(name.to_ascii_lowercase()),
            _ => None,
        };
        let mut stage = DockerStage { name, ..DockerStage::default() };
        let mut triggers = Vec::new();
        if let Some(word) = words.first() {
            let expanded = expand(word, self.escape, &self.globals);
            if let Some(image) = self.or_unclear(instruction.line, word, false, expanded) {
                match self.stage(&image) {
                    Some(base) => {
                        stage.variables = self.stages[base].variables.clone();
                        triggers = self.stages[base].triggers.clone();
                    }
                    None => self.image(instruction.line, image),
                }
            }
        }
        self.stages.push(stage);
        triggers.iter().for_each(|trigger| self.instruction(trigger));
    }

    /// A stage, by name.
    fn stage(&self, name: &str) -> Option<usize> {
        let name = name.to_ascii_lowercase();
        self.stages.iter().rposition(|stage| stage.name.as_ref() == Some(&name))
    }

    fn image(&mut self, line: usize, name: String) {
        if name != "scratch" {
            self.found.images.push(BaseImage { line, name });
        }
    }

    /// `--from`, which is a stage's name or number, or an image.
    fn taken_from(&mut self, line: usize, word: &str) {
        let Some(name) = self.clear(line, word, false) else { return };
        if self.stage(&name).is_none() && name.parse::<usize>().is_err() {
            self.image(line, name);
        }
    }

    fn arg(&mut self, instruction: &Instruction) {
        for word in words(&instruction.rest, self.escape) {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), self.known(value)),
                None => (word.clone(), self.globals.get(&word).cloned().flatten()),
            };
            self.set(name, value);
        }
    }

    fn env(&mut self, instruction: &Instruction) {
        let all = words(&instruction.rest, self.escape);
        // What one instruction sets does not count within it.
        if all.first().is_some_and(|first| !first.contains('=')) {
            let (name, value) = instruction.rest.split_once(char::is_whitespace).unwrap_or((&instruction.rest, ""));
            let value = self.known(value.trim());
            return self.set(name.to_owned(), value);
        }
        let pairs = all.iter().filter_map(|word| word.split_once('='));
        let values: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), self.known(value))).collect();
        values.into_iter().for_each(|(name, value)| self.set(name, value));
    }

    fn known(&self, word: &str) -> Option<String> {
        expand(word, self.escape, self.variables()).ok()
    }

    fn set(&mut self, name: String, value: Option<String>) {
        let variables = self.stages.last_mut().map_or(&mut self.globals, |stage| &mut stage.variables);
        variables.insert(name, value);
    }

    fn copy(&mut self, instruction: &Instruction) {
        let line = instruction.line;
        let (flags, rest) = flags(&instruction.rest, self.escape);
        let flag = |name: &str| -> Vec<&str> {
            flags.iter().filter_map(|(key, value)| (key == name).then_some(value.as_str())).collect()
        };
        // An empty one means the context.
        if let Some(from) = flag("from").last().filter(|from| !from.is_empty()) {
            return self.taken_from(line, from);
        }
        let mut all: Vec<String> = match serde_json::from_str(rest) {
            Ok(list) => list,
            Err(_) => rest.split_whitespace().map(str::to_owned).collect(),
        };
        // The last one is the destination.
        all.pop();
        let mut sources = Vec::new();
        for word in all.iter().filter(|word| heredoc(word).is_none()) {
            let address = instruction.keyword == "ADD" && word.contains("://");
            let Some(source) = self.clear(line, word, !address) else { continue };
            let remote = source.contains("://") || source.starts_with("git@");
            match instruction.keyword == "ADD" && remote {
                true => {
                    let checked = !flag("checksum").is_empty();
                    self.found.remotes.push(Remote { line, address: source, checked });
                }
                false => sources.push(source),
            }
        }
        let excludes = flag("exclude").into_iter().map(str::to_owned).collect();
        if !sources.is_empty() {
            let parents = flag("parents").last().is_some_and(|value| *value != "false");
            self.found.copies.push(Copied { line, keyword: instruction.keyword.clone(), sources, excludes, parents });
        }
    }

    fn run(&mut self, instruction: &Instruction) {
        let line = instruction.line;
        for (_, mount) in flags(&instruction.rest, self.escape).0.into_iter().filter(|(key, _)| key == "mount") {
            let field = |names: &[&str]| {
                let fields = mount.split(',').filter_map(|field| field.split_once('='));
                let named = fields.filter(|(key, _)| names.iter().any(|name| name.eq_ignore_ascii_case(key)));
                named.map(|(_, value)| value).next_back().filter(|value| !value.is_empty())
            };
            if let Some(from) = field(&["from"]) {
                self.taken_from(line, from);
            } else if field(&["type"]).is_none_or(|kind| kind.eq_ignore_ascii_case("bind") || kind.contains('$')) {
                let word = field(&["source", "src"]).unwrap_or(".");
                let Some(source) = self.clear(line, word, true) else { continue };
                let keyword = instruction.keyword.clone();
                let copied = Copied { line, keyword, sources: vec![source], excludes: Vec::new(), parents: false };
                self.found.copies.push(copied);
            }
        }
    }
}

/// Whether a file is a Dockerfile, by its name.
pub(super) fn is_dockerfile(name: &str) -> bool {
    let lower = name.to_lowercase();
    let plain = ["dockerfile", "containerfile"];
    plain.iter().any(|plain| {
        lower == *plain
            || lower.strip_prefix(plain).is_some_and(|rest| rest.starts_with(['.', '-', '_']))
            || lower.strip_suffix(plain).is_some_and(|rest| rest.ends_with(['.', '-', '_']))
    }) && !lower.ends_with("ignore")
        && ![".md", ".j2", ".tmpl", ".erb", ".template"].iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests;
