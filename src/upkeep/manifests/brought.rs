//! What the commands of pipelines and scripts copy into the directory of something else before that is built:
//! `cp -R web/dist/* server/public/`.

use super::compose::is_script;
use super::paths::{above, join, parent, within};
use super::{Files, Reference};

/// What is copied, as references of a file where it is copied to.
pub(super) fn scan(files: &Files<'_>) -> Vec<Reference> {
    files.own().filter(|name| is_script(name)).flat_map(|script| copied(files, script)).collect()
}

fn copied(files: &Files<'_>, script: &str) -> Vec<Reference> {
    let text = files.text(script).unwrap_or_default();
    if !text.contains("cp ") {
        return Vec::new();
    }
    let commands = text.lines().flat_map(|line| line.split([';', '&', '|']));
    commands.filter_map(operands).flat_map(|words| references(files, script, &words)).collect()
}

/// The operands of a `cp`, of which the last is where it copies to.
fn operands(command: &str) -> Option<Vec<&str>> {
    let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',']));
    let mut words = words.skip_while(|word| *word != "cp").skip(1).peekable();
    words.peek()?;
    let operands: Vec<&str> = words.filter(|word| !word.starts_with('-') && !word.is_empty()).collect();
    (operands.len() > 1).then_some(operands)
}

fn references(files: &Files<'_>, script: &str, words: &[&str]) -> Vec<Reference> {
    let Some((into, sources)) = words.split_last() else { return Vec::new() };
    // Scripts run at the root more often than beside themselves.
    let from = |place: &str| {
        let into = existing(files, &join(place, plain(into)?)?)?;
        let target = |source: &&str| {
            let target = existing(files, &join(place, plain(source)?)?)?;
            let apart = !within(&target, &into) && !within(&into, &target) && target != script;
            apart.then_some(target)
        };
        let targets: Vec<String> = sources.iter().filter_map(target).collect();
        let to = |target: &String| {
            let by = || Some(script.to_owned());
            let one = |file| Reference { file, target: target.clone(), by: by() };
            within_each(files, &into).into_iter().map(one).collect::<Vec<_>>()
        };
        (!targets.is_empty()).then(|| targets.iter().flat_map(to).collect())
    };
    ["", parent(script)].into_iter().find_map(from).unwrap_or_default()
}

/// A file of everything that a directory holds, each of which may use what is copied there; a file is itself.
fn within_each(files: &Files<'_>, into: &str) -> Vec<String> {
    if files.has(into) {
        return vec![into.to_owned()];
    }
    let own = files.inside(into).into_iter().take(1);
    let deeper = files.children(into).into_iter().filter(|place| files.has_directory(place));
    own.chain(deeper.filter_map(|place| files.below(place).first().copied())).map(str::to_owned).collect()
}

/// A path as far as it is written out, from where the source begins.
fn plain(word: &str) -> Option<&str> {
    let roots = ["$CODEBUILD_SRC_DIR/", "${CODEBUILD_SRC_DIR}/", "$(pwd)/", "${{ github.workspace }}/", "$PWD/"];
    let word = roots.iter().find_map(|root| word.strip_prefix(root)).unwrap_or(word);
    let end = word.find(['$', '*', '?', '[', '{']).unwrap_or(word.len());
    let whole = if end == word.len() { word } else { word[..end].rsplit_once('/')?.0 };
    let path = whole.trim_start_matches("./").trim_end_matches('/');
    (!path.is_empty() && path != "." && !path.starts_with('/')).then_some(path)
}

/// The path, or the nearest directory above that exists: the rest is made before.
fn existing(files: &Files<'_>, path: &str) -> Option<String> {
    let found = std::iter::once(path).chain(above(path)).find(|path| files.exists(path))?;
    (!found.is_empty()).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::*;

    fn found(script: &str, text: &str) -> Vec<(String, String)> {
        let names = [
            "all/x/b.py",
            "all/y/b.py",
            "all/y/c.py",
            "web/package.json",
            "server/Dockerfile",
            "shared/a.py",
            "ci/x.sh",
            "api/handler.py",
            script,
        ];
        let names: Vec<BString> = names.into_iter().map(BString::from).collect();
        let read = |name: &str| (name == script).then(|| text.as_bytes().to_vec());
        scan(&Files::new(&names, &read)).into_iter().map(|found| (found.file, found.target)).collect()
    }

    #[test]
    fn what_is_copied_elsewhere_belongs_to_it() {
        let shared = ("api/handler.py".to_owned(), "shared".to_owned());
        let web = ("server/Dockerfile".to_owned(), "web".to_owned());
        for (text, expected) in [
            ("cp -R ./web/dist/* server/public/", vec![web.clone()]),
            ("run: cd x && cp -r \"$CODEBUILD_SRC_DIR/shared\" api/ && ls", vec![shared.clone()]),
            ("cp -r shared web/dist api", vec![shared, ("api/handler.py".to_owned(), "web".to_owned())]),
            ("cp web/package.json web/dist/; cp none/x server/; cp $A $B; scp web/x server/; cp", Vec::new()),
            ("cp web/package.json .", Vec::new()),
            (
                "cp shared/a.py all",
                vec![
                    ("all/x/b.py".to_owned(), "shared/a.py".to_owned()),
                    ("all/y/b.py".to_owned(), "shared/a.py".to_owned()),
                ],
            ),
        ] {
            assert_eq!(found("buildspec.yml", text), expected, "{text}");
        }
        assert_eq!(found("ci/build.sh", "cp ../web/dist/x ../server/public"), [web]);
    }
}
