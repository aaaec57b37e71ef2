//! Go's slices and maps, which are references: who holds one sees what another changes.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::text::Text;
use crate::value::Value;

/// What a slice or map is declared to hold. The values in it are of that type; of `Any` they may be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Any,
    String,
    Int,
    Byte,
    /// `[]interface{}`, as `chunk` makes a slice of them.
    List,
}

impl Element {
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::String => "string",
            Self::Int => "int",
            Self::Byte => "uint8",
            Self::List => "[]interface {}",
        }
    }

    /// What Go gives for a key that is not there.
    pub fn zero(self) -> Value {
        match self {
            Self::Any => Value::Nil,
            Self::String => Value::from(""),
            Self::Int => Value::Int(0),
            Self::Byte => Value::Uint8(0),
            Self::List => Value::Slice(Slice::nil(Self::Any)),
        }
    }
}

/// `[]interface{}`, `[]string` and the like; may be nil, which has no items but is `null` in JSON.
#[derive(Clone, Debug)]
pub struct Slice {
    element: Element,
    backing: Option<Arc<RwLock<Backing>>>,
    start: usize,
    len: usize,
    open_order: bool,
}

#[derive(Clone, Debug)]
struct Backing(Arc<[Value]>);

impl Slice {
    pub fn new(element: Element, items: Vec<Value>) -> Self {
        let len = items.len();
        Self { element, backing: Some(Arc::new(RwLock::new(Backing(items.into())))), start: 0, len, open_order: false }
    }

    pub fn nil(element: Element) -> Self {
        Self { element, backing: None, start: 0, len: 0, open_order: false }
    }

    pub fn is_nil(&self) -> bool {
        self.backing.is_none()
    }

    pub fn element(&self) -> Element {
        self.element
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The same items, of which Go leaves the order open or not.
    pub fn in_open_order(self, open_order: bool) -> Self {
        Self { open_order, ..self }
    }

    /// Is the order of the items another one each time in Go, as that of a map's keys?
    pub fn has_open_order(&self) -> bool {
        self.open_order
    }

    /// How far it can be sliced: to the end of what it was cut from. Go's own capacity may be larger, because `append` and
    /// the JSON decoder leave room; nothing but nil is there.
    pub fn capacity(&self) -> usize {
        self.backing.as_ref().map_or(0, |backing| read(backing).0.len().saturating_sub(self.start))
    }

    pub fn get(&self, at: usize) -> Option<Value> {
        if at >= self.len {
            return None;
        }
        self.backing.as_ref().and_then(|backing| read(backing).0.get(self.start + at).cloned())
    }

    /// Its items as they are now.
    pub fn items(&self) -> Items {
        let all = self.backing.as_ref().map(|backing| read(backing).0.clone());
        Items { all, start: self.start, len: self.len }
    }

    /// `self[from:to]`, which shares its items; `None` outside of the capacity.
    pub fn cut(&self, from: usize, to: usize) -> Option<Self> {
        (from <= to && to <= self.capacity()).then(|| Self {
            element: self.element,
            backing: self.backing.clone(),
            start: self.start + from,
            len: to - from,
            open_order: self.open_order,
        })
    }

    /// Sorts in place: whoever shares the items sees them sorted, as with Go's `sort`.
    pub fn sort_by(&self, compare: impl FnMut(&Value, &Value) -> std::cmp::Ordering) {
        let Some(backing) = &self.backing else { return };
        let mut items = read(backing).0.to_vec();
        if let Some(own) = items.get_mut(self.start..self.start + self.len) {
            own.sort_by(compare);
        }
        backing.write().unwrap_or_else(PoisonError::into_inner).0 = items.into();
    }

    /// Are both the same items in memory?
    pub fn same(&self, other: &Self) -> bool {
        match (&self.backing, &other.backing) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two) && self.start == other.start && self.len == other.len,
            (one, two) => one.is_none() && two.is_none(),
        }
    }
}

/// The items of a slice at one moment: derefs to `[Value]`.
#[derive(Clone, Debug)]
pub struct Items {
    all: Option<Arc<[Value]>>,
    start: usize,
    len: usize,
}

impl std::ops::Deref for Items {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        self.all.as_ref().and_then(|all| all.get(self.start..self.start + self.len)).unwrap_or_default()
    }
}

/// `map[string]interface{}` or `map[string]string`; may be nil, which reads as empty.
#[derive(Clone, Debug)]
pub struct Map {
    element: Element,
    entries: Option<Arc<RwLock<Entries>>>,
}

#[derive(Debug, Default)]
struct Entries(BTreeMap<Text, Value>);

impl Map {
    pub fn new(element: Element, entries: impl IntoIterator<Item = (Text, Value)>) -> Self {
        Self { element, entries: Some(Arc::new(RwLock::new(Entries(entries.into_iter().collect())))) }
    }

    pub fn nil(element: Element) -> Self {
        Self { element, entries: None }
    }

    pub fn is_nil(&self) -> bool {
        self.entries.is_none()
    }

    pub fn element(&self) -> Element {
        self.element
    }

    pub fn len(&self) -> usize {
        self.entries.as_ref().map_or(0, |entries| read(entries).0.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, key: &[u8]) -> Option<Value> {
        self.entries.as_ref().and_then(|entries| read(entries).0.get(key).cloned())
    }

    pub fn contains(&self, key: &[u8]) -> bool {
        self.entries.as_ref().is_some_and(|entries| read(entries).0.contains_key(key))
    }

    /// The entries as they are now, sorted by key as Go prints them and ranges over them in a template.
    pub fn entries(&self) -> Vec<(Text, Value)> {
        self.entries
            .as_ref()
            .map_or_else(Vec::new, |entries| read(entries).0.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// Everyone who holds this map sees it. False for a nil map: Go panics with "assignment to entry in nil map".
    pub fn insert(&self, key: Text, value: Value) -> bool {
        let Some(entries) = &self.entries else { return false };
        let old = entries.write().unwrap_or_else(PoisonError::into_inner).0.insert(key, value);
        drop(old);
        true
    }

    pub fn remove(&self, key: &[u8]) {
        if let Some(entries) = &self.entries {
            let old = entries.write().unwrap_or_else(PoisonError::into_inner).0.remove(key);
            drop(old);
        }
    }

    /// Are both the same map in memory?
    pub fn same(&self, other: &Self) -> bool {
        match (&self.entries, &other.entries) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (one, two) => one.is_none() && two.is_none(),
        }
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// A template can nest maps a hundred thousand deep in a loop; dropping them one within the other would end the stack.
impl Drop for Entries {
    fn drop(&mut self) {
        drop_flat(std::mem::take(&mut self.0).into_values().filter(Value::is_collection).collect());
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        if let Some(items) = Arc::get_mut(&mut self.0) {
            drop_flat(items.iter_mut().filter(|item| item.is_collection()).map(std::mem::take).collect());
        }
    }
}

fn drop_flat(mut left: Vec<Value>) {
    while let Some(value) = left.pop() {
        match value {
            Value::Map(Map { entries: Some(entries), .. }) => {
                if let Some(lock) = Arc::into_inner(entries) {
                    let mut entries = lock.into_inner().unwrap_or_else(PoisonError::into_inner);
                    left.extend(std::mem::take(&mut entries.0).into_values().filter(Value::is_collection));
                }
            }
            Value::Slice(Slice { backing: Some(backing), .. }) => {
                if let Some(lock) = Arc::into_inner(backing) {
                    let mut backing = lock.into_inner().unwrap_or_else(PoisonError::into_inner);
                    if let Some(items) = Arc::get_mut(&mut backing.0) {
                        left.extend(items.iter_mut().filter(|item| item.is_collection()).map(std::mem::take));
                    }
                }
            }
            _ => {}
        }
    }
}
