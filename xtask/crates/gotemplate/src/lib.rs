//! Go text/template with the functions of an ApplicationSet.
