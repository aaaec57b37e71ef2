//! Paths into values as templates write them: `image.tag`, `stores.*.size`.

use std::sync::Arc;

use super::fast::Map;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    Key(Arc<str>),
    /// Any key of a map, any item of a list.
    Any,
    /// Any number of steps, at least one: what a template that calls itself walks.
    Deep,
}

/// A path, by its number among those of one analysis. Equal numbers are equal paths.
pub type Path = u32;

/// The values as a whole.
pub const ROOT: Path = 0;

#[derive(Clone, Debug)]
struct Node {
    parent: Path,
    step: Step,
    depth: u32,
    children: Vec<Path>,
    /// Something is read here or below.
    touched: bool,
    /// It is read with all that is below it.
    whole: bool,
}

/// Every path that was met.
#[derive(Clone, Debug)]
pub struct Paths {
    nodes: Vec<Node>,
    index: Map<(Path, Step), Path>,
}

impl Default for Paths {
    fn default() -> Self {
        let root = Node { parent: ROOT, step: Step::Any, depth: 0, children: Vec::new(), touched: false, whole: false };
        Paths { nodes: vec![root], index: Map::default() }
    }
}

impl Paths {
    pub fn child(&mut self, parent: Path, step: Step) -> Path {
        let of = self.nodes.get(parent as usize);
        if of.is_some_and(|node| node.step == Step::Deep && parent != ROOT && !matches!(step, Step::Key(_))) {
            return parent;
        }
        if let Some(found) = self.index.get(&(parent, step.clone())) {
            return *found;
        }
        let depth = of.map_or(0, |node| node.depth) + 1;
        let id = self.nodes.len() as Path;
        self.nodes.push(Node { parent, step: step.clone(), depth, children: Vec::new(), touched: false, whole: false });
        if let Some(node) = self.nodes.get_mut(parent as usize) {
            node.children.push(id);
        }
        self.index.insert((parent, step), id);
        id
    }

    pub fn key(&mut self, parent: Path, key: &str) -> Path {
        self.child(parent, Step::Key(key.into()))
    }

    /// `path` from `base` on.
    pub fn join(&mut self, base: Path, keys: &[&str]) -> Path {
        keys.iter().fold(base, |path, key| self.key(path, key))
    }

    /// How many paths there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn parent(&self, path: Path) -> Path {
        self.nodes.get(path as usize).map_or(ROOT, |node| node.parent)
    }

    pub fn depth(&self, path: Path) -> usize {
        self.nodes.get(path as usize).map_or(0, |node| node.depth as usize)
    }

    /// The last step; `None` of the root.
    pub fn last(&self, path: Path) -> Option<&Step> {
        self.nodes.get(path as usize).filter(|_| path != ROOT).map(|node| &node.step)
    }

    pub fn steps(&self, path: Path) -> Vec<Step> {
        let mut steps = Vec::with_capacity(self.depth(path));
        let mut at = path;
        while let Some(step) = self.last(at) {
            steps.push(step.clone());
            at = self.parent(at);
        }
        steps.reverse();
        steps
    }

    /// Is `path` at `above` or below it?
    pub fn is_within(&self, path: Path, above: Path) -> bool {
        let mut at = path;
        while self.depth(at) > self.depth(above) {
            at = self.parent(at);
        }
        at == above
    }

    /// Is the first step of a path this key?
    pub fn is_below(&self, path: Path, key: &str) -> bool {
        let mut at = path;
        while self.depth(at) > 1 {
            at = self.parent(at);
        }
        matches!(self.last(at), Some(Step::Key(name)) if **name == *key)
    }

    /// As it is written: `.Values.stores.*.size`.
    pub fn show(&self, path: Path) -> String {
        let mut shown = ".Values".to_string();
        for step in self.steps(path) {
            match &step {
                Step::Key(key) => {
                    shown.push('.');
                    shown.push_str(key);
                }
                Step::Any => shown.push_str(".*"),
                Step::Deep => shown.push_str(".**"),
            }
        }
        shown
    }

    /// Marks what is read.
    pub fn touch(&mut self, path: Path, whole: bool) {
        let mut at = path;
        if let Some(node) = self.nodes.get_mut(path as usize) {
            node.whole |= whole;
        }
        while let Some(node) = self.nodes.get_mut(at as usize) {
            if node.touched {
                return;
            }
            node.touched = true;
            if at == ROOT {
                return;
            }
            at = node.parent;
        }
    }

    /// Is the value under these keys read, or something in it, or something that it is in?
    pub fn covers(&self, keys: &[&str]) -> bool {
        let mut active = vec![ROOT];
        for key in keys {
            if active.iter().any(|path| self.is_whole(*path)) {
                return true;
            }
            active = self.next(&active, key);
            if active.is_empty() {
                return false;
            }
        }
        true
    }

    /// Names of keys that are read below these keys.
    pub fn names_below(&self, keys: &[&str]) -> Vec<String> {
        let active = keys.iter().fold(vec![ROOT], |active, key| self.next(&active, key));
        let below = active.iter().filter_map(|path| self.nodes.get(*path as usize)).flat_map(|node| &node.children);
        let touched = below.filter_map(|path| self.nodes.get(*path as usize)).filter(|node| node.touched);
        touched.filter_map(|node| if let Step::Key(name) = &node.step { Some(name.to_string()) } else { None }).collect()
    }

    fn is_whole(&self, path: Path) -> bool {
        self.nodes.get(path as usize).is_some_and(|node| node.whole)
    }

    fn next(&self, active: &[Path], key: &str) -> Vec<Path> {
        let mut next = Vec::new();
        for path in active {
            let Some(node) = self.nodes.get(*path as usize) else { continue };
            if node.step == Step::Deep && *path != ROOT {
                next.push(*path);
            }
            for child in &node.children {
                let Some(below) = self.nodes.get(*child as usize).filter(|below| below.touched) else { continue };
                let fits = match &below.step {
                    Step::Key(name) => **name == *key,
                    Step::Any | Step::Deep => true,
                };
                if fits && !next.contains(child) {
                    next.push(*child);
                }
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_covered_by_what_is_above_and_below_it() {
        let mut paths = Paths::default();
        let tag = paths.join(ROOT, &["image", "tag"]);
        paths.touch(tag, false);
        let env = paths.join(ROOT, &["env"]);
        paths.touch(env, true);
        let stores = paths.join(ROOT, &["stores"]);
        let any = paths.child(stores, Step::Any);
        let size = paths.key(any, "size");
        paths.touch(size, false);
        let unused = paths.join(ROOT, &["unused"]);
        assert_eq!(paths.show(unused), ".Values.unused");
        for covered in [&["image"][..], &["image", "tag"], &["env", "A", "b"], &["stores", "order"], &["stores", "order", "size"]] {
            assert!(paths.covers(covered), "{covered:?}");
        }
        for not in [&["unused"][..], &["image", "typo"], &["stores", "order", "sise"], &["image", "tag", "below"]] {
            assert!(!paths.covers(not), "{not:?}");
        }
    }

    #[test]
    fn a_deep_step_stands_for_any_number_of_steps() {
        let mut paths = Paths::default();
        let tree = paths.join(ROOT, &["tree"]);
        let deep = paths.child(tree, Step::Deep);
        assert_eq!(paths.child(deep, Step::Any), deep);
        let name = paths.key(deep, "name");
        paths.touch(name, true);
        assert!(paths.covers(&["tree", "a", "b", "name"]));
        assert!(paths.covers(&["tree", "a"]));
        assert!(!paths.covers(&["forest"]));
    }
}
