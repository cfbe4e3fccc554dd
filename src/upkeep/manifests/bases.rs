//! Images that are made from other images of the same source.

use std::collections::{BTreeMap, BTreeSet};

use super::Image;
use super::dockerfile::Dockerfile;
use super::paths::{base, parent};
use super::said::ImageBuild;

/// Folders and ends of Dockerfiles' names that say nothing of an image.
const NO_NAMES: [&str; 11] =
    ["", "app", "build", "ci", "container", "deploy", "docker", "image", "images", "server", "src"];

/// How many images one is made from, at most. Where there are more, it is made from the whole source.
const MOST_BASES: usize = 32;

/// What is known of the names around one image.
struct Named {
    /// The repositories that it is made from.
    from: BTreeSet<String>,
    /// The repositories that it is said to be.
    tags: BTreeSet<String>,
    /// What its folder and its Dockerfile are called.
    places: BTreeSet<String>,
}

/// Says of each image which others of the source it is made from, directly or not.
pub(super) fn link(images: &mut [Image], dockerfiles: &BTreeMap<String, Dockerfile>, said: &[ImageBuild]) {
    let named: Vec<Named> = images
        .iter()
        .map(|image| {
            let builds: Vec<&ImageBuild> = said.iter().filter(|build| build.dockerfile == image.dockerfile).collect();
            Named::of(&image.dockerfile, dockerfiles.get(&image.dockerfile), &builds)
        })
        .collect();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, one) in named.iter().enumerate() {
        for name in one.tags.iter().map(|tag| base(tag)).chain(one.places.iter().map(String::as_str)) {
            by_name.entry(name).or_default().push(at);
        }
    }
    let direct = |at: usize| {
        let alike: BTreeSet<usize> =
            named[at].from.iter().filter_map(|from| by_name.get(base(from))).flatten().copied().collect();
        alike.into_iter().filter(|other| *other != at && named[at].is_made_from(&named[*other])).collect()
    };
    let direct: Vec<Vec<usize>> = (0..named.len()).map(direct).collect();
    for at in 0..images.len() {
        let (mut seen, mut next) = (BTreeSet::from([at]), vec![at]);
        while let Some(one) = next.pop() {
            next.extend(direct[one].iter().copied().filter(|other| seen.insert(*other)));
        }
        seen.remove(&at);
        if seen.len() > MOST_BASES {
            images[at].more.push(String::new());
            continue;
        }
        images[at].bases =
            seen.iter().map(|other| (images[*other].dockerfile.clone(), images[*other].context.clone())).collect();
    }
}

impl Named {
    fn of(dockerfile: &str, parsed: Option<&Dockerfile>, builds: &[&ImageBuild]) -> Self {
        let mut from: BTreeSet<String> = BTreeSet::new();
        if let Some(parsed) = parsed {
            from.extend(parsed.images.iter().map(|image| repository(&image.name)));
            for unclear in parsed.unclear.iter().filter(|unclear| !unclear.copies) {
                let forms = [format!("${{{}}}", unclear.variable), format!("${}", unclear.variable)];
                let args = builds.iter().flat_map(|build| &build.args).filter(|(name, _)| *name == unclear.variable);
                let meant = args
                    .map(|(_, value)| forms.iter().fold(unclear.word.clone(), |word, form| word.replace(form, value)));
                from.extend(std::iter::once(unclear.word.clone()).chain(meant).map(|word| repository(&word)));
            }
        }
        from.retain(|name| !name.is_empty() && !base(name).contains('$'));
        let tags = builds.iter().flat_map(|build| &build.tags).map(|tag| repository(tag));
        let file = base(dockerfile).to_lowercase().replace("dockerfile", "").replace("containerfile", "");
        let places = [base(parent(dockerfile)), file.trim_matches(['.', '-', '_'])];
        let places = places.into_iter().filter(|name| !NO_NAMES.contains(name)).map(str::to_owned);
        Self { from, tags: tags.filter(|tag| !base(tag).contains('$')).collect(), places: places.collect() }
    }

    fn is_made_from(&self, other: &Self) -> bool {
        let is = |name: &String| {
            let last = base(name);
            // An image that is itself made from one of that name is another one.
            let itself = other.from.iter().any(|from| base(from) == last);
            let said = other.tags.iter().any(|tag| base(tag) == last);
            // A name without a registry is more often one that everybody uses.
            let placed = name.contains('/') && other.places.contains(last);
            !itself && (said || placed)
        };
        self.from.iter().any(is)
    }
}

/// A reference without its tag and its digest.
fn repository(reference: &str) -> String {
    let name = reference.split('@').next().unwrap_or_default();
    let start = name.rfind('/').map_or(0, |at| at + 1);
    name[start..].find(':').map_or(name, |end| &name[..start + end]).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_repository_with_a_tag_or_a_digest() {
        for (reference, expected) in
            [("a", "a"), ("r.io:5000/x/Base:1", "r.io:5000/x/base"), ("x/y@sha256:1", "x/y"), ("$R/y:${TAG}", "$r/y")]
        {
            assert_eq!(repository(reference), expected);
        }
    }

    #[test]
    fn an_image_over_very_many_is_made_of_everything() {
        use super::super::{Files, Manifests};
        let names: Vec<bstr::BString> = (0..40).map(|at| format!("i{at:02}/Dockerfile").into()).collect();
        let read = |name: &str| {
            let at: usize = name[1..3].parse().ok()?;
            Some(format!("FROM r.io/x/i{:02}\n", at + 1).into_bytes())
        };
        let images = Manifests::scan(&Files::new(&names, &read), &[]).images;
        assert_eq!((images[20].bases.len(), images[20].more.len()), (19, 0));
        assert_eq!((images[0].bases.len(), &images[0].more[..]), (0, &[String::new()][..]));
    }

    #[test]
    fn an_image_is_made_from_one_that_is_said_to_have_its_name_or_lies_in_a_folder_of_it() {
        let named = |dockerfile: &str, from: &[&str], tags: &[&str]| {
            let parsed =
                super::super::dockerfile::read(&from.iter().map(|from| format!("FROM {from}\n")).collect::<String>());
            let build =
                ImageBuild { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..ImageBuild::default() };
            Named::of(dockerfile, Some(&parsed), &[&build])
        };
        let tools = named("images/tools/Dockerfile", &["debian"], &[]);
        assert!(named("api/Dockerfile", &["$OWNER/tools:1"], &[]).is_made_from(&tools));
        assert!(!named("api/Dockerfile", &["tools"], &[]).is_made_from(&tools));
        let tagged = named("Dockerfile.x", &["debian"], &["our-tools:1"]);
        assert!(named("api/Dockerfile", &["our-tools"], &[]).is_made_from(&tagged));
        let proxy = named("nginx/Dockerfile", &["r.io/nginx"], &["us/nginx"]);
        assert!(!named("web/Dockerfile", &["r.io/nginx"], &[]).is_made_from(&proxy));
    }
}
