//! A map of few entries: a list of pairs in the order of their keys.
//!
//! `BTreeMap` of the standard library does the same and costs the engine 8 KB of wasm, for maps
//! that hold two tracks, a dozen codecs, or the fragments waiting to be appended.

/// Keys and values.
#[derive(Debug)]
pub(super) struct VecMap<K, V> {
    pairs: Vec<(K, V)>,
}

impl<K, V> Default for VecMap<K, V> {
    fn default() -> Self {
        Self { pairs: Vec::new() }
    }
}

impl<K: Ord, V> VecMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: core::borrow::Borrow<Q>,
    {
        self.pairs.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }

    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: core::borrow::Borrow<Q>,
    {
        self.pairs.get(self.find(key).ok()?).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let index = self.find(key).ok()?;
        self.pairs.get_mut(index).map(|(_, value)| value)
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        match self.find(&key) {
            Ok(index) => self.pairs[index].1 = value,
            Err(index) => self.pairs.insert(index, (key, value)),
        }
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|index| self.pairs.remove(index).1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pairs.iter().map(|(key, value)| (key, value))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.pairs.iter_mut().map(|(key, value)| (&*key, value))
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.pairs.iter().map(|(_, value)| value)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.pairs.iter_mut().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn does_what_a_map_does() {
        let mut map = VecMap::default();
        let mut judge = std::collections::BTreeMap::new();
        for (key, value) in [(3, 'c'), (1, 'a'), (2, 'b'), (1, 'A'), (9, 'z')] {
            map.insert(key, value);
            judge.insert(key, value);
        }
        assert_eq!((map.remove(&3), map.remove(&4)), (judge.remove(&3), None));
        map.values_mut().chain([&mut 'x']).for_each(|value| value.make_ascii_lowercase());
        judge.values_mut().for_each(|value| value.make_ascii_lowercase());
        assert!(map.iter().eq(judge.iter()), "{map:?}");
        assert_eq!((map.get(&2), map.get(&7)), (Some(&'b'), None));
    }
}
