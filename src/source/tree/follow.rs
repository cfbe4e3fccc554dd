//! Follows the links of a source: what an input link leads to is an input too.
//!
//! A source is first read by the rules alone. Each link that a rule selects or passes through is then looked up, and the
//! source is read again, only where those links lead, with the positions of the links. That goes on until no link leads
//! to anything new. A source without such links is read once.

use std::collections::{HashSet, VecDeque};

use bstr::BString;

use super::{Tree, TreeError, Unreadable, never_input};
use crate::map::rules::{LinkPosition, Links, PathCursor, PositionKey, RulePosition, Rules};

/// How many links the system follows to find one file.
const HOPS: usize = 40;

/// How many targets are followed: more than any real source has, so that a hostile one cannot keep a decision busy.
const MOST: usize = 20_000;

/// What is at a path whose parent directories are real ones.
pub(super) enum At {
    Directory,
    File,
    /// A link with this text.
    Link(BString),
    /// A submodule of which only the commit is known.
    Submodule,
    Missing,
}

/// What a source without a file system says about a link that leads out of it.
pub(super) enum Outside {
    /// The target is in the source after all: its path without links.
    Inside(BString),
    /// It hides what is below it, for this reason.
    Hides(String),
    /// It hides nothing that could be an input.
    HidesNothing,
}

/// The cause given for a link out of a source that is not on disk.
pub(super) const BLIND: &str = "is a link that leads out of the source, where nothing can be seen; exclude it";

/// A source in which links can be looked up. An error says why something is unknown.
pub(super) trait LinkSource {
    /// What is at a path.
    fn at(&self, path: &[u8]) -> Result<At, String>;

    /// What is behind a link, given by its path, that leads out of the source. `target` is where to, from the root, as
    /// far as the source can tell.
    fn outside(&self, link: &[u8], target: &[u8]) -> Result<Outside, String>;

    /// Whether a directory holds no file. Git keeps no such directory, so only a file system has any.
    fn is_empty(&self, directory: &[u8]) -> bool;
}

/// A link that a rule selects or may pass through.
#[derive(Debug, Clone)]
pub(super) struct FoundLink {
    pub(super) path: BString,
    pub(super) place: RulePosition,
}

/// Reads a source with `read`, and then what its links lead to.
pub(super) fn read(
    rules: &Rules,
    source: &impl LinkSource,
    read: impl Fn(RulePosition) -> Result<Tree, TreeError>,
) -> Result<Tree, TreeError> {
    let mut tree = read(rules.root())?;
    let found = std::mem::take(&mut tree.links);
    let followed = follow(rules, source, found, |place| {
        let mut more = read(place)?;
        let found = std::mem::take(&mut more.links);
        tree.merge(more);
        Ok(found)
    })?;
    tree.doubt(followed.unreadable);
    Ok(tree)
}

/// Follows these links, and those that `read` finds where they lead, until there are no new ones.
pub(super) fn follow(
    rules: &Rules,
    source: &impl LinkSource,
    mut found: Vec<FoundLink>,
    mut read: impl FnMut(RulePosition) -> Result<Vec<FoundLink>, TreeError>,
) -> Result<Followed, TreeError> {
    let mut follower =
        Follower { rules, source, known: HashSet::new(), links: Links::default(), all: Links::default() };
    let mut unreadable = Vec::new();
    while !found.is_empty() {
        found.sort_by(|one, other| one.path.cmp(&other.path));
        for link in &found {
            for position in rules.link_positions(&link.path, &link.place) {
                if let Err(cause) = follower.follow(&link.path, &position) {
                    let services = rules.services_through(&position, true);
                    unreadable.push(Unreadable::new(&link.path, cause, services));
                }
            }
        }
        let links = std::mem::take(&mut follower.links);
        found = if links.is_empty() { Vec::new() } else { read(rules.root_of_links(&links))? };
    }
    Ok(Followed { known: follower.known, links: follower.all, unreadable })
}

/// Where the links of a source lead.
#[derive(Default)]
pub(super) struct Followed {
    known: HashSet<Known>,
    /// All that they lead to, or through.
    pub(super) links: Links,
    /// The links that cannot be followed.
    pub(super) unreadable: Vec<Unreadable>,
}

impl Followed {
    /// Whether links of another source lead to the same places, for the same rules.
    pub(super) fn leads_where(&self, other: &Self) -> bool {
        self.known == other.known
    }
}

/// A path, and the position it is matched with.
type Known = (BString, PositionKey, bool);

struct Follower<'a, S> {
    rules: &'a Rules,
    source: &'a S,
    /// What links are known to lead to, or through.
    known: HashSet<Known>,
    /// The same as far as it has not been read yet.
    links: Links,
    /// The same as a whole.
    all: Links,
}

/// Where a link leads, and the links on the way that are not the last.
struct Resolved {
    target: Option<(BString, At)>,
    on_the_way: Vec<BString>,
}

impl<S: LinkSource> Follower<'_, S> {
    /// Follows one link one step: its target may be a link again, which is then found like any other.
    fn follow(&mut self, link: &BString, position: &LinkPosition) -> Result<(), String> {
        let Resolved { target, on_the_way } = resolve(self.source, link)?;
        for passed in on_the_way {
            self.through(&passed, position)?;
        }
        let Some((target, at)) = target else { return Ok(()) };
        let is_file = matches!(at, At::File);
        if self.rules.services_through(position, !is_file).is_empty() {
            return Ok(());
        }
        if !is_file {
            self.through(link, position)?;
        }
        let known = position.is_at(PathCursor::new(self.rules).place(&target));
        if !known && self.is_new(&target, position, false)? {
            self.links.lead_to(&target, self.rules, position);
            self.all.lead_to(&target, self.rules, position);
        }
        Ok(())
    }

    /// A link that leads further counts as its text for whatever is selected behind it.
    fn through(&mut self, link: &BString, position: &LinkPosition) -> Result<(), String> {
        if self.is_new(link, position, true)? {
            self.links.lead_through(link, self.rules, position);
            self.all.lead_through(link, self.rules, position);
        }
        Ok(())
    }

    fn is_new(&mut self, path: &BString, position: &LinkPosition, through: bool) -> Result<bool, String> {
        let new = self.known.insert((path.clone(), position.key(), through));
        match new && self.known.len() > MOST {
            true => Err(format!("is not followed: links of this source lead to more than {MOST} places")),
            false => Ok(new),
        }
    }
}

/// Finds the target of a link. Links in the middle of the way are followed, the last one is not.
fn resolve(source: &impl LinkSource, link: &BString) -> Result<Resolved, String> {
    let mut on_the_way = Vec::new();
    let missing = |on_the_way| Ok(Resolved { target: None, on_the_way });
    let At::Link(text) = source.at(link)? else { return Err("changed while it was read".to_owned()) };
    let mut at: Vec<BString> = components(link).collect();
    at.pop();
    if text.first() == Some(&b'/') {
        return outside(source, link, &text, on_the_way);
    }
    let mut open: VecDeque<BString> = components(&text).collect();
    while let Some(component) = open.pop_front() {
        if component == ".." {
            if at.pop().is_none() {
                open.push_front(component);
                return outside(source, link, &path(open.make_contiguous()), on_the_way);
            }
            continue;
        }
        if never_input(&component) {
            return Err(format!("is a link into `{component}`, where nothing is ever an input"));
        }
        at.push(component);
        if open.is_empty() {
            break;
        }
        let path = path(&at);
        match source.at(&path)? {
            At::Directory => {}
            At::Link(text) => {
                if on_the_way.len() == HOPS {
                    return missing(on_the_way);
                }
                if text.first() == Some(&b'/') {
                    let target = bstr::join("/", [&text[..], &self::path(open.make_contiguous())]);
                    return outside(source, link, &target, on_the_way);
                }
                on_the_way.push(path);
                at.pop();
                components(&text).rev().for_each(|component| open.push_front(component));
            }
            At::File | At::Missing => return missing(on_the_way),
            At::Submodule => {
                // Only its commit counts, and it is found on the way to the target.
                at.extend(open);
                return Ok(Resolved { target: Some((self::path(&at), At::Submodule)), on_the_way });
            }
        }
    }
    let target = path(&at);
    Ok(Resolved { target: look(source, target)?, on_the_way })
}

/// What is at the target of a link, if there is anything.
fn look(source: &impl LinkSource, target: BString) -> Result<Option<(BString, At)>, String> {
    let found = if target.is_empty() { At::Directory } else { source.at(&target)? };
    let is_missing = match found {
        At::Missing => true,
        // On the way to a target it is passed all the same, as the system does.
        At::Directory => source.is_empty(&target),
        _ => false,
    };
    Ok((!is_missing).then_some((target, found)))
}

/// What a link out of the source leads to.
fn outside(
    source: &impl LinkSource,
    link: &BString,
    target: &[u8],
    on_the_way: Vec<BString>,
) -> Result<Resolved, String> {
    let target = match source.outside(link, target)? {
        Outside::Hides(cause) => return Err(cause),
        Outside::HidesNothing => None,
        Outside::Inside(target) => {
            if let Some(component) = components(&target).find(|component| never_input(component)) {
                return Err(format!("is a link into `{component}`, where nothing is ever an input"));
            }
            look(source, target)?
        }
    };
    Ok(Resolved { target, on_the_way })
}

/// Whether a link leads to a directory of the source, also through other links.
pub(super) fn leads_to_directory(source: &impl LinkSource, link: &BString) -> bool {
    let mut link = link.clone();
    for _ in 0..HOPS {
        match resolve(source, &link) {
            Ok(Resolved { target: Some((_, At::Directory | At::Submodule)), .. }) => return true,
            Ok(Resolved { target: Some((next, At::Link(_))), .. }) => link = next,
            _ => return false,
        }
    }
    false
}

fn components(path: &BString) -> impl DoubleEndedIterator<Item = BString> {
    path.split(|byte| *byte == b'/').filter(|component| !matches!(*component, b"" | b".")).map(BString::from)
}

fn path(components: &[BString]) -> BString {
    bstr::join("/", components).into()
}
