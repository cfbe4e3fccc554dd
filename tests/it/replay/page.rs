//! The page, as text: what it may hold, and what it must not.

use super::{commit, repository};

#[test]
fn no_path_subject_or_rule_can_break_out_of_its_place() {
    let world = repository();
    world.write("a/<script>alert(1)<", "1");
    commit(&world, "</script><script>document.title='broken'</script><!-- & {script}");
    let done = world.run(["replay", "--html", "page.html"]);
    assert_eq!(done.code, 0, "{done:?}");
    let page = std::fs::read_to_string(world.source().join("page.html")).unwrap();
    assert_eq!(page.matches("</script").count(), 2, "the data's and the program's");
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<!--") && page.contains(r"\u003c/script\u003e"));
    for outside in ["http:", "https:", "src=", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}
