//! What git converts on the way into its store: line ends, encodings, idents, filters, modes.

use super::*;

#[test]
fn line_ends_encodings_and_idents_are_converted_as_git_does() {
    for (autocrlf, eol) in [("false", "native"), ("true", "crlf"), ("input", "lf")] {
        let source = example();
        source.git(&["config", "core.autocrlf", autocrlf]);
        source.git(&["config", "core.eol", eol]);
        source.git(&["config", "core.safecrlf", "false"]);
        let attributes =
            "*.txt text\n*.bin -text\n*.auto text=auto\n*.id ident\n*.u16 text working-tree-encoding=UTF-16LE\n";
        source.write(".gitattributes", attributes);
        source.write("sub/.gitattributes", "*.txt -text\n");
        source.write(".git/info/attributes", "*.info text eol=lf\n");
        for name in ["a.txt", "a.bin", "a.auto", "a.plain", "a.info", "sub/a.txt", "a.id"] {
            source.write(name, "one\r\ntwo\r\n$Id: 0123 $\r\n");
        }
        source.write("binary.auto", b"one\r\n\0two\r\n");
        source.write("a.u16", "o\0n\0e\0\r\0\n\0");
        assert_as_git_adds(&source);
        source.commit();
        assert_as_git_adds(&source);
        source.write("a.plain", "one\r\ntwo\r\nthree\r\n");
        source.write("a.auto", "one\r\ntwo\r\nthree\r\n");
        assert_as_git_adds(&source);
    }
}

#[test]
fn filters_of_the_repository_are_not_run_and_files_that_have_one_are_doubt() {
    let source = example();
    let included = source.path(b".git/more");
    fs::write(&included, "[filter \"included\"]\n\tprocess = touch ran\n").unwrap();
    source.git(&["config", "filter.upper.clean", "touch ran; tr a-z A-Z"]);
    source.git(&["config", "filter.empty.smudge", "touch ran"]);
    source.git(&["config", "include.path", "more"]);
    let attributes = "*.up filter=upper\n*.in filter=included\n*.none filter=none\n*.empty filter=empty\n";
    source.write(".gitattributes", attributes);
    source.write("x.none", "no such filter");
    source.write("x.empty", "no program for this direction");
    assert_as_git_adds(&source);
    source.write("x.up", "shout");
    source.write("x.in", "x");
    let tree = read(source.root(), &everything()).unwrap();
    let said = |driver| {
        format!(
            "is converted by the filter `{driver}` of the repository's own configuration, which is not run: \
             configure it with `git config --global`"
        )
    };
    let expected = [format!("x.in {} [0]", said("included")), format!("x.up {} [0]", said("upper"))];
    assert_eq!(doubts(&tree), expected);
    assert!(!source.path(b"ran").exists());
}

#[test]
fn modes_are_those_of_the_index_where_git_does_not_trust_the_files() {
    let source = example();
    source.git(&["config", "core.fileMode", "false"]);
    source.chmod("run.sh", 0o644);
    source.chmod("a", 0o755);
    source.write("a-b", "changed");
    source.chmod("a-b", 0o755);
    source.write("new", "new");
    source.chmod("new", 0o755);
    assert_as_git_adds(&source);
}
