//! What the functions of Helm's templates do with the values that they are given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gotemplate::syntax::{Operand, Pos};

use super::abs::{Abs, Atom, Dict, add, join, only_paths, text, texts};
use super::eval::Arg;
use super::machine::{Frame, Machine};
use super::reads::How;

/// Functions whose result is another one each time, with what they give.
const UNSTABLE: &[&str] = &[
    "now",
    "randAlphaNum",
    "randAlpha",
    "randAscii",
    "randNumeric",
    "randBytes",
    "randInt",
    "uuidv4",
    "shuffle",
    "bcrypt",
    "htpasswd",
    "genPrivateKey",
    "genCA",
    "genCAWithKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "encryptAES",
    "ago",
    "lookup",
    "getHostByName",
];

impl Machine<'_> {
    pub fn function(&mut self, name: &str, operands: &[Operand], last: Option<Abs>, frame: &mut Frame, pos: Pos) -> Abs {
        // Only as far as Go looks: the second part of `and` is not reached where the first is false.
        if matches!(name, "and" | "or") {
            return self.part_by_part(name == "or", operands, last, frame, pos);
        }
        let mut args: Vec<Arg> = operands.iter().map(|operand| self.argument(operand, frame)).collect();
        args.extend(last.map(|abs| Arg { abs, direct: false }));
        self.apply(name, args, frame, pos)
    }

    fn part_by_part(&mut self, or: bool, operands: &[Operand], last: Option<Abs>, frame: &mut Frame, pos: Pos) -> Abs {
        let mut found = last.unwrap_or_default();
        let (outer, unclear) = (self.facts.len(), self.unclear);
        for operand in operands {
            let part = self.operand(operand, frame);
            self.tested(&part, frame, pos);
            join(&mut found, part);
            let found = self.of_operand(operand, frame);
            let holds = if or { found.no } else { found.yes };
            self.facts.extend(holds.facts);
            self.unclear += usize::from(!holds.clear);
        }
        self.facts.truncate(outer);
        self.unclear = unclear;
        found
    }

    fn apply(&mut self, name: &str, args: Vec<Arg>, frame: &mut Frame, pos: Pos) -> Abs {
        let name = plain_name(name);
        let name = name.as_ref();
        if UNSTABLE.contains(&name) {
            for arg in &args {
                self.consume(&arg.abs, How::Text, frame, pos);
            }
            return vec![self.unstable(name, frame, pos)];
        }
        let nth = |at: usize| args.get(at).map(|arg| arg.abs.clone()).unwrap_or_default();
        // What takes a map fails for a field that is not there.
        let maps: &[usize] = match name {
            "hasKey" | "get" | "set" | "unset" | "omit" | "pick" => &[0],
            "merge" | "mergeOverwrite" | "keys" | "values" => &[0, 1, 2, 3],
            "dig" => &[usize::MAX],
            _ => &[],
        };
        for at in maps {
            let arg = if *at == usize::MAX { args.last() } else { args.get(*at) };
            if let Some(arg) = arg.filter(|arg| arg.direct) {
                self.require(&arg.abs, 1, frame, pos);
            }
        }
        match name {
            "include" => self.includes(&nth(0), nth(1), frame, pos),
            "tpl" => self.tpl(&nth(0), nth(1), frame, pos),
            "required" => {
                let value = nth(1);
                self.tested(&value, frame, pos);
                self.out.demanded.extend(only_paths(&value).into_iter().flatten());
                value
            }
            "fail" => {
                args.iter().for_each(|arg| drop(self.consume(&arg.abs, How::Message, frame, pos)));
                Vec::new()
            }
            "default" | "coalesce" | "ternary" => self.choice(name, &args, frame, pos),
            "not" | "empty" | "kindOf" | "typeOf" => {
                let value = nth(0);
                self.tested(&value, frame, pos);
                derived(&value)
            }
            "kindIs" | "typeIs" | "kindIsLike" | "typeIsLike" => {
                let value = nth(1);
                self.tested(&value, frame, pos);
                self.out.typed.extend(value.iter().filter_map(|atom| if let Atom::Path(path) = atom { Some(*path) } else { None }));
                derived(&value)
            }
            "dict" => vec![self.dict(&args, frame, pos)],
            "list" | "tuple" => {
                let items = Arc::new(args.into_iter().map(|arg| arg.abs).collect());
                vec![Atom::List { items, exact: true }]
            }
            "set" | "unset" => self.set(name == "unset", &nth(0), &nth(1), &nth(2), frame, pos),
            "get" => {
                let (of, key) = (nth(0), nth(1));
                self.under_key(&of, &key, frame, pos)
            }
            "hasKey" => {
                let (of, key) = (nth(0), nth(1));
                let found = self.under_key(&of, &key, frame, pos);
                self.tested(&found, frame, pos);
                derived(&found)
            }
            "index" => self.index(&args, frame, pos),
            "dig" => self.dig(&args, frame, pos),
            "pluck" => {
                let mut found = Vec::new();
                for map in args.get(1..).unwrap_or_default() {
                    join(&mut found, self.under_key(&map.abs, &nth(0), frame, pos));
                }
                bag(found)
            }
            "merge" | "mergeOverwrite" => self.merge(&args, frame, pos),
            "deepCopy" | "omit" => {
                for arg in args.get(1..).unwrap_or_default() {
                    self.consume(&arg.abs, How::Text, frame, pos);
                }
                let (maps, mut rest): (Abs, Abs) = nth(0).into_iter().partition(|atom| matches!(atom, Atom::Path(_) | Atom::Dict(_)));
                if !maps.is_empty() {
                    rest.push(self.made(Dict { bases: maps, ..Dict::default() }));
                }
                rest
            }
            "pick" => {
                let of = nth(0);
                let mut dict = Dict::default();
                for key in args.get(1..).unwrap_or_default() {
                    match texts(&key.abs) {
                        Some(keys) => {
                            for key in keys {
                                let found = self.field(&of, &key, frame, pos);
                                dict.keys.insert(key, found);
                            }
                        }
                        None => dict.bases = of.clone(),
                    }
                }
                vec![self.made(dict)]
            }
            "keys" => {
                let mut found = Vec::new();
                for atom in args.iter().flat_map(|arg| &arg.abs) {
                    match atom {
                        Atom::Path(path) => add(&mut found, Atom::Key(*path)),
                        Atom::Dict(dict) => join(&mut found, self.keys(*dict)),
                        _ => add(&mut found, Atom::Other),
                    }
                }
                bag(found)
            }
            "values" | "first" | "last" => {
                let of = nth(0);
                self.items(&of)
            }
            "rest" | "initial" | "reverse" | "uniq" | "compact" | "sortAlpha" => nth(0),
            "slice" | "without" | "chunk" => {
                let (of, other) = if name == "chunk" { (1, 0) } else { (0, 1) };
                for (at, arg) in args.iter().enumerate() {
                    if at >= other && at != of {
                        self.consume(&arg.abs, How::Compared, frame, pos);
                    }
                }
                nth(of)
            }
            "append" | "push" | "prepend" => {
                let of = nth(0);
                let mut items = self.items(&of);
                join(&mut items, nth(1));
                bag(items)
            }
            "concat" => {
                let mut items = Vec::new();
                for arg in &args {
                    join(&mut items, self.items(&arg.abs));
                }
                bag(items)
            }
            "printf" | "print" if args.iter().all(|arg| Self::constant(&arg.abs).is_some()) => {
                let parts: Vec<Arc<str>> = args.iter().filter_map(|arg| Self::constant(&arg.abs)).collect();
                if name == "print" { text(&parts.concat()) } else { formatted(&parts) }
            }
            _ => {
                let how = how(name);
                let mut made = Vec::new();
                for arg in &args {
                    join(&mut made, self.consume(&arg.abs, how, frame, pos));
                }
                made
            }
        }
    }

    fn includes(&mut self, name: &Abs, dot: Abs, frame: &mut Frame, pos: Pos) -> Abs {
        let Some(names) = texts(name) else {
            // Any template: it may read all that it is given.
            self.consume(name, How::Text, frame, pos);
            self.consume(&dot, How::Whole, frame, pos);
            return vec![Atom::Anything];
        };
        let mut found = Vec::new();
        for name in names {
            join(&mut found, self.include(&name, dot.clone(), frame, pos));
        }
        found
    }

    /// One of several values.
    fn choice(&mut self, name: &str, args: &[Arg], frame: &mut Frame, pos: Pos) -> Abs {
        if name == "ternary" {
            let condition = args.get(2).map(|arg| arg.abs.clone()).unwrap_or_default();
            self.tested(&condition, frame, pos);
            return args.iter().take(2).flat_map(|arg| arg.abs.clone()).collect();
        }
        let mut found = Vec::new();
        let mut before = BTreeSet::new();
        // `default` names the last resort first.
        let order: Vec<&Arg> = if name == "default" { args.iter().rev().collect() } else { args.iter().collect() };
        for arg in order {
            self.tested(&arg.abs, frame, pos);
            for atom in &arg.abs {
                match atom {
                    Atom::Path(path) => drop(before.insert(*path)),
                    Atom::Volatile(at) => {
                        if let Some(unstable) = self.out.unstable.get_mut(*at) {
                            unstable.pins.extend(&before);
                        }
                    }
                    _ => {}
                }
            }
            join(&mut found, arg.abs.clone());
        }
        found
    }

    fn dict(&mut self, args: &[Arg], frame: &mut Frame, pos: Pos) -> Atom {
        let mut dict = Dict { keys: BTreeMap::new(), ..Dict::default() };
        for pair in args.chunks(2) {
            let (Some(key), value) = (pair.first(), pair.get(1).map(|arg| arg.abs.clone()).unwrap_or_default()) else { continue };
            match texts(&key.abs) {
                Some(keys) => keys.into_iter().for_each(|key| join(dict.keys.entry(key).or_default(), value.clone())),
                None => {
                    let made = self.consume(&key.abs, How::Text, frame, pos);
                    join(&mut dict.rest, made);
                    join(&mut dict.rest, value);
                }
            }
        }
        self.made(dict)
    }

    fn set(&mut self, unset: bool, map: &Abs, key: &Abs, value: &Abs, frame: &mut Frame, pos: Pos) -> Abs {
        if unset {
            return map.clone();
        }
        self.changes += 1;
        for atom in map {
            match atom {
                Atom::Dict(dict) => {
                    let Some(dict) = self.heap.get_mut(*dict) else { continue };
                    match texts(key) {
                        Some(keys) => keys.into_iter().for_each(|key| join(dict.keys.entry(key).or_default(), value.clone())),
                        None => {
                            join(&mut dict.rest, key.clone());
                            join(&mut dict.rest, value.clone());
                        }
                    }
                }
                Atom::Root(_) => {
                    let names = texts(key).map_or_else(|| vec![String::new()], |all| all.iter().map(|key| key.to_string()).collect());
                    self.out.added.extend(names);
                    self.consume(value, How::Whole, frame, pos);
                }
                // The values themselves are changed: who reads them from then on reads this.
                _ => drop(self.consume(value, How::Whole, frame, pos)),
            }
        }
        map.clone()
    }

    fn index(&mut self, args: &[Arg], frame: &mut Frame, pos: Pos) -> Abs {
        let mut found = args.first().map(|arg| arg.abs.clone()).unwrap_or_default();
        let steps = args.get(1..).unwrap_or_default();
        for (at, key) in steps.iter().enumerate() {
            if at + 1 == steps.len() {
                self.require(&found, at + 1, frame, pos);
            }
            found = self.under_key(&found, &key.abs, frame, pos);
        }
        found
    }

    fn dig(&mut self, args: &[Arg], frame: &mut Frame, pos: Pos) -> Abs {
        let Some((of, rest)) = args.split_last() else { return Vec::new() };
        let Some((default, keys)) = rest.split_last() else { return Vec::new() };
        let mut found = of.abs.clone();
        for key in keys {
            found = self.under_key(&found, &key.abs, frame, pos);
        }
        self.tested(&found, frame, pos);
        join(&mut found, default.abs.clone());
        if default.abs.is_empty() || found.is_empty() {
            add(&mut found, Atom::Other);
        }
        found
    }

    fn merge(&mut self, args: &[Arg], frame: &mut Frame, pos: Pos) -> Abs {
        let mut bases = Vec::new();
        args.iter().for_each(|arg| join(&mut bases, arg.abs.clone()));
        let first = args.first().map(|arg| arg.abs.clone()).unwrap_or_default();
        for atom in &first {
            match atom {
                // It is changed too, and others may know it.
                Atom::Dict(dict) => {
                    self.changes += 1;
                    let others: Abs = bases.iter().filter(|base| *base != atom).cloned().collect();
                    if let Some(dict) = self.heap.get_mut(*dict) {
                        join(&mut dict.bases, others);
                    }
                }
                Atom::Path(_) | Atom::Root(_) => {
                    if matches!(atom, Atom::Root(_)) {
                        self.out.added.insert(String::new());
                    }
                    for arg in args.get(1..).unwrap_or_default() {
                        self.consume(&arg.abs, How::Whole, frame, pos);
                    }
                }
                _ => {}
            }
        }
        // The first map has the others in it by now; one of them alone would find itself in itself.
        let only_dicts = first.iter().all(|atom| matches!(atom, Atom::Dict(_))) && !first.is_empty();
        if only_dicts { first } else { vec![self.made(Dict { bases, ..Dict::default() })] }
    }
}

/// `mustToYaml` is `toYaml`.
fn plain_name(name: &str) -> std::borrow::Cow<'_, str> {
    let Some(rest) = name.strip_prefix("must").filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase())) else {
        return name.into();
    };
    let (first, rest) = rest.split_at(1);
    format!("{}{rest}", first.to_ascii_lowercase()).into()
}

fn how(name: &str) -> How {
    match name {
        "toYaml" | "toYamlPretty" | "toJson" | "toPrettyJson" | "toRawJson" | "toToml" | "len" => How::Whole,
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "has" | "semverCompare" | "contains" | "regexMatch" | "hasPrefix" | "hasSuffix" => {
            How::Compared
        }
        "int" | "int64" | "float64" | "add" | "add1" | "sub" | "mul" | "div" | "mod" | "ceil" | "floor" | "round" | "max" | "min"
        | "until" | "untilStep" | "seq" | "toDecimal" => How::Number,
        _ => How::Text,
    }
}

/// A list of which only the items are known.
fn bag(items: Abs) -> Abs {
    vec![Atom::List { items: Arc::new(vec![items]), exact: false }]
}

fn derived(of: &Abs) -> Abs {
    let mut found: Abs = Vec::new();
    for atom in of {
        add(&mut found, if let Atom::Path(path) = atom { Atom::Made(*path) } else { Atom::Other });
    }
    if found.is_empty() { vec![Atom::Other] } else { found }
}

/// `printf` of constants, for names of templates; other verbs than `%s` and `%v` are not folded.
fn formatted(parts: &[Arc<str>]) -> Abs {
    let Some((format, arguments)) = parts.split_first() else { return vec![Atom::Other] };
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut pieces = format.split('%');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        match (piece.strip_prefix(['s', 'v']), arguments.next()) {
            (Some(rest), Some(argument)) => {
                out.push_str(argument);
                out.push_str(rest);
            }
            _ => return vec![Atom::Other],
        }
    }
    text(&out)
}
