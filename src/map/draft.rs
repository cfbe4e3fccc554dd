//! A map whose own text has been read: its questions for the source, and the whole map once they are answered.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice as _};

use super::problem::Table;
use super::problem::collect::{Report, Span, Text, shown};
use super::raw::{self, RawDiscover, RawExpect, RawMap, RawService};
use super::scope::Scope;
use super::{Pattern, Problems, ServiceMap, check, discover};

/// What to look for in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// Files.
    Files,
    /// Directories that contain at least one file of the source.
    Directories,
}

/// A map's question to its source: which files or directories match a pattern (not which it covers).
#[derive(Debug, Clone)]
pub struct MapQuery {
    /// The pattern. It has no variables.
    pub pattern: Pattern,
    /// What may match it.
    pub sought: Sought,
}

/// The source's answers.
#[derive(Debug, Default)]
pub struct Answers {
    /// For each question the paths that match, sorted bytewise.
    pub paths: Vec<Vec<BString>>,
    /// The links to directories where a directory is sought, or above one.
    pub links: Vec<BString>,
    /// The contents of the files that were found.
    pub maps: BTreeMap<BString, Vec<u8>>,
}

/// A map whose own text has been read, and which may have more questions for the source.
pub struct Draft<'a> {
    file: String,
    raw: RawMap,
    report: Report<'a>,
    questions: Vec<MapQuery>,
    /// The patterns of the included maps, each with the index of its question.
    includes: Vec<(Text, usize)>,
    /// The tables of `[discover]`.
    discovers: Vec<Discovery>,
}

/// A table of `[discover]`, its question, and the questions of its exceptions.
struct Discovery {
    table: RawDiscover,
    question: usize,
    except: Vec<usize>,
}

impl<'a> Draft<'a> {
    /// Reads the map's own text. `file` is the name shown in problems.
    ///
    /// # Errors
    /// It is not text. Any other problem is reported later, together with those of the whole map.
    pub fn read(file: &str, bytes: &'a [u8]) -> Result<Self, Problems> {
        let mut report = Report::new();
        let text = check::readable(file, bytes, &mut report);
        report.finish()?;
        let text = text.unwrap_or_default();
        let mut raw = raw::read(text, &mut report);
        let mut draft = Self {
            file: file.to_owned(),
            questions: Vec::new(),
            includes: Vec::new(),
            discovers: Vec::new(),
            raw: RawMap::default(),
            report,
        };
        for text in std::mem::take(&mut raw.include_maps.items) {
            let hint = "name the file too, as in `services/*/shipmark.toml`";
            let question = draft.ask(&text, Sought::Files, hint);
            draft.includes.extend(question.map(|question| (text, question)));
        }
        for table in std::mem::take(&mut raw.discovers) {
            let hint = "name one level, as in `services/*`";
            let question = draft.ask(&table.pattern, Sought::Directories, hint);
            let except = table.except.iter().filter_map(|text| draft.ask(text, Sought::Directories, hint)).collect();
            draft.discovers.extend(question.map(|question| Discovery { table, question, except }));
        }
        draft.raw = raw;
        Ok(draft)
    }

    /// The questions for the source.
    pub fn questions(&self) -> &[MapQuery] {
        &self.questions
    }

    /// The map's own project, environments and store. It has no services, because those that it asks for are not known.
    ///
    /// # Errors
    /// All problems of the map's own text, except those of its services.
    pub fn head(mut self) -> Result<ServiceMap, Problems> {
        self.report.broken = true;
        self.raw.services.clear();
        self.raw.expects.clear();
        check::resolve(&self.file, Vec::new(), &self.raw, self.report, &[])
    }

    fn ask(&mut self, text: &Text, sought: Sought, hint: &str) -> Option<usize> {
        let bad = |message: &str| format!("the pattern `{}` {message}", shown(&text.text));
        // A pattern covers what is below it; here only the path itself is meant.
        let bare = Text { text: text.text.trim_end_matches('/').to_owned(), span: text.span.clone() };
        let pattern = self.report.pattern(if bare.text.is_empty() { text } else { &bare });
        let Some(pattern) = pattern.filter(|pattern| !pattern.knows_environment() && !bare.text.ends_with("**")) else {
            if bare.text.ends_with("**") {
                self.report.add("bad-pattern", &text.span, bad("ends with `**`"), hint);
            } else if bare.text.contains("${environment}") {
                let hint = "the map is the same in every environment";
                self.report.add("bad-pattern", &text.span, bad("has `${environment}`"), hint);
            }
            // What it would have found is unknown.
            self.report.broken = true;
            return None;
        };
        self.questions.push(MapQuery { pattern, sought });
        Some(self.questions.len() - 1)
    }

    /// The whole map. What has no answer is treated as missing.
    ///
    /// # Errors
    /// All problems of all its files at once.
    pub fn complete(self, answers: &'a Answers) -> Result<ServiceMap, Problems> {
        self.complete_for(answers, &[])
    }

    /// The map for these services; for all if none is named. Problems in tables that they do not need are put in
    /// [`ServiceMap::elsewhere`], and of services with such problems only their existence is known.
    ///
    /// # Errors
    /// All problems of all its files at once, if one of them concerns these services.
    pub fn complete_for(self, answers: &'a Answers, asked: &[String]) -> Result<ServiceMap, Problems> {
        let Self { file, mut raw, mut report, includes, discovers, questions } = self;
        let mut whole = Whole::default();
        whole.merge(&mut raw, None, &mut report);
        let found = |question: usize| answers.paths.get(question).map_or(&[][..], Vec::as_slice);
        for (pattern, question) in &includes {
            if found(*question).is_empty() {
                missing("no-such-map", pattern, "file of the source", &mut report);
            }
            for path in found(*question) {
                let already = *path == file || whole.included.iter().any(|known| known.as_bytes() == path.as_bytes());
                match answers.maps.get(path) {
                    _ if already => {}
                    Some(bytes) => whole.include(pattern, path, bytes, &mut report),
                    None => missing("no-such-map", pattern, "file that could be read", &mut report),
                }
            }
        }
        let mut made = Vec::new();
        for Discovery { table, question, except } in &discovers {
            let excepted = |path: &&BString| except.iter().any(|except| found(*except).contains(path));
            let directories: Vec<&BString> = found(*question).iter().filter(|path| !excepted(path)).collect();
            let linked = answers
                .links
                .iter()
                .filter(|link| !except.iter().any(|except| discover::is_at(&questions[*except].pattern, link)));
            let pattern = &questions[*question].pattern;
            let hidden = discover::behind_links(table, pattern, linked, &whole.services, &mut report);
            if directories.is_empty() && !hidden {
                missing("no-such-directory", &table.pattern, "directory with a file of the source", &mut report);
            }
            made.push((table, directories));
        }
        discover::services(&made, &mut whole.services, &mut report);
        whole.finish(&file, raw, report, asked)
    }
}

fn missing(code: &'static str, pattern: &Text, what: &str, report: &mut Report<'_>) {
    let message = format!("`{}` matches no {what}", shown(&pattern.text));
    report.add(code, &pattern.span, message, "patterns are anchored at the root of the source");
    // What it would have contributed is unknown.
    report.broken = true;
}

/// All files of a map combined.
#[derive(Default)]
struct Whole {
    included: Vec<String>,
    groups: BTreeMap<String, (Text, Vec<Text>)>,
    services: BTreeMap<String, RawService>,
    expects: Vec<RawExpect>,
}

impl Whole {
    fn include<'a>(&mut self, pattern: &Text, path: &BString, bytes: &'a [u8], report: &mut Report<'a>) {
        let Some(name) = path.to_str().ok().filter(|name| !name.chars().any(char::is_control)) else {
            let path = crate::base::text::printable(path);
            let message = format!("the path of the map `{path}` has control characters, or is not UTF-8");
            return report.add("bad-path", &pattern.span, message, "rename the file");
        };
        self.included.push(name.to_owned());
        let Some(text) = check::readable(name, bytes, report) else { return };
        let mut raw = raw::read(text, report);
        let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
        self.merge(&mut raw, Some(directory), report);
    }

    /// Takes over the parts that any file may have. `directory` is that of an included map.
    fn merge(&mut self, raw: &mut RawMap, directory: Option<&str>, report: &mut Report<'_>) {
        for (name, mut patterns) in raw.groups.drain(..) {
            let table = Table::Group(name.text.clone());
            report.within([table], |report| {
                Scope { service: None, directory }.fill_patterns(&mut patterns, report);
                match self.groups.get(&name.text) {
                    Some((first, _)) => twice("group", &name, &first.span, report),
                    None => drop(self.groups.insert(name.text.clone(), (name, patterns))),
                }
            });
        }
        for mut service in raw.services.drain(..) {
            match self.services.get(&service.name.text) {
                Some(first) => {
                    let table = Table::Service(service.name.text.clone());
                    report.within([table], |report| twice("service", &service.name, &first.name.span, report));
                }
                None => {
                    let name = service.name.text.clone();
                    service.directory = directory.map(str::to_owned);
                    self.services.insert(name, service);
                }
            }
        }
        for mut expect in raw.expects.drain(..) {
            report
                .within([Table::Expect], |report| Scope { service: None, directory }.fill_expect(&mut expect, report));
            self.expects.push(expect);
        }
    }

    fn finish(
        self,
        file: &str,
        mut root: RawMap,
        report: Report<'_>,
        asked: &[String],
    ) -> Result<ServiceMap, Problems> {
        let Self { included, groups, services, expects } = self;
        root.groups = groups.into_values().collect();
        root.services = services.into_values().collect();
        root.expects = expects;
        check::resolve(file, included, &root, report, asked)
    }
}

fn twice(what: &str, name: &Text, first: &Span, report: &mut Report<'_>) {
    let message = format!("the {what} `{}` is already in `{}`", shown(&name.text), report.place(first));
    report.add("duplicate", &name.span, message, "all maps share one set of names: rename one of them");
}
