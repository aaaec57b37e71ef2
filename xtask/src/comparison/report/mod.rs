//! How a comparison is told.
