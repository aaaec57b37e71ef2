//! A value read into a type, with the JSON pointer of what the type refuses.

use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::{Error, Value, map};

/// Errors: the type's complaint, and the JSON pointer of the value it is about.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, (Error, String)> {
    let refused = RefCell::new(None);
    let top = At { value, step: Step::Top, refused: &refused };
    T::deserialize(top).map_err(|e| (e, refused.take().unwrap_or_default()))
}

/// How a value is reached.
#[derive(Clone, Copy)]
enum Step<'a> {
    Top,
    Key(&'a Step<'a>, &'a str),
    Item(&'a Step<'a>, usize),
}

impl Step<'_> {
    fn pointer(&self) -> String {
        match self {
            Step::Top => String::new(),
            Step::Key(above, key) => format!("{}/{}", above.pointer(), key.replace('~', "~0").replace('/', "~1")),
            Step::Item(above, index) => format!("{}/{index}", above.pointer()),
        }
    }
}

#[derive(Clone, Copy)]
struct At<'a> {
    value: &'a Value,
    step: Step<'a>,
    refused: &'a RefCell<Option<String>>,
}

impl At<'_> {
    /// The innermost value that fails is the one it is about.
    fn noted<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if result.is_err() && self.refused.borrow().is_none() {
            *self.refused.borrow_mut() = Some(self.step.pointer());
        }
        result
    }
}

impl<'de> Deserializer<'de> for At<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let result = match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::String(text) => visitor.visit_str(text),
            Value::Number(number) => number.deserialize_any(visitor),
            Value::Array(list) => visitor.visit_seq(Items { at: self, list: list.iter().enumerate() }),
            Value::Object(map) => visitor.visit_map(Entries { at: self, entries: map.iter(), value: None }),
        };
        self.noted(result)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        let result = visitor.visit_newtype_struct(self);
        self.noted(result)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let result = match self.value {
            Value::String(name) => visitor.visit_enum(StrDeserializer::new(name)),
            Value::Object(map) if map.len() == 1 => visitor.visit_enum(Variant { at: self, entry: map.iter().next() }),
            _ => Err(serde::de::Error::custom("invalid type: expected a name, or a map with one")),
        };
        self.noted(result)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'a> {
    at: At<'a>,
    list: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((index, value)) = self.list.next() else { return Ok(None) };
        seed.deserialize(At { value, step: Step::Item(&self.at.step, index), refused: self.at.refused }).map(Some)
    }
}

struct Entries<'a> {
    at: At<'a>,
    entries: map::Iter<'a>,
    value: Option<(&'a str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((key, value));
        let step = Step::Key(&self.at.step, key);
        let at = At { value, step, refused: self.at.refused };
        // A number or boolean as a key was written as text.
        at.noted(seed.deserialize(StrDeserializer::new(key))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((key, value)) = self.value.take() else { return Err(serde::de::Error::custom("a value without a key")) };
        seed.deserialize(At { value, step: Step::Key(&self.at.step, key), refused: self.at.refused })
    }
}

struct Variant<'a> {
    at: At<'a>,
    entry: Option<(&'a String, &'a Value)>,
}

impl<'a, 'de> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = Variant<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name = self.entry.map_or("", |(name, _)| name);
        Ok((seed.deserialize(StrDeserializer::new(name))?, self))
    }
}

impl Variant<'_> {
    fn within<T>(self, read: impl FnOnce(At) -> Result<T, Error>) -> Result<T, Error> {
        let (name, value) = self.entry.map_or(("", &Value::Null), |(name, value)| (name.as_str(), value));
        read(At { value, step: Step::Key(&self.at.step, name), refused: self.at.refused })
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.within(|at| <() as serde::Deserialize>::deserialize(at))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        self.within(|at| seed.deserialize(at))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.within(|at| at.deserialize_any(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.within(|at| at.deserialize_any(visitor))
    }
}
