//! What must hold between the places in the index and the accounts in packs, once nothing runs any more.

use std::collections::BTreeSet;

use super::fixture::World;
use crate::ids::PackId;

/// A name has one place, an entry is where its place is, and a pack counts its places.
pub(super) fn one_place(world: &World) {
    for (id, state) in world.index.all_packs() {
        let pack = world.pack(&id);
        assert_eq!((pack.moved_to(), state.retiring, pack.moves().count()), (None, None, 0), "{id}");
        let here = places_in(world, &id);
        assert_eq!(usize::try_from(state.used).unwrap(), here.len(), "{id}");
        let entries: BTreeSet<_> = pack.keys().map(str::to_owned).collect();
        assert!(entries.is_subset(&here), "{id} holds {entries:?}, and the index {here:?}");
    }
}

/// Each place has an entry. Only a crash or a failed request leaves a place without one.
pub(super) fn no_place_is_empty(world: &World, context: &str) {
    for id in world.index.all_packs().into_keys() {
        let entries: BTreeSet<_> = world.pack(&id).keys().map(str::to_owned).collect();
        assert_eq!(entries, places_in(world, &id), "{id} {context}");
    }
}

/// The accounts that have a place in a pack.
fn places_in(world: &World, pack: &PackId) -> BTreeSet<String> {
    let places = world.index.all_places().into_iter();
    let here = places.filter(|(_, place)| place.pack == *pack && place.removed_until.is_none());
    here.map(|(name, _)| name.to_string()).collect()
}
