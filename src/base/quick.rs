//! Tables with a quick hash, for keys of which a decision looks up thousands.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// A map; it starts empty with `default()`.
pub type QuickMap<K, V> = HashMap<K, V, RandomState>;

/// A set; it starts empty with `default()`.
pub type QuickSet<K> = HashSet<K, RandomState>;
