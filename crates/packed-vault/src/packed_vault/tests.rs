mod bad_input;
mod fixture;
mod group_commit;
mod interleavings;
mod model;
mod placement;
mod removal;
mod spill;
