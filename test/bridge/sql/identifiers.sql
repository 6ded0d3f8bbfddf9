-- The C++ side quotes a name exactly when the server does.
\pset format unaligned
\pset tuples_only on
SELECT count(*) > 400 FROM pg_get_keywords();
SELECT word, quote_identifier(word), quote_ident(word) FROM pg_get_keywords() WHERE quote_identifier(word) <> quote_ident(word);
SELECT name, quote_identifier(name), quote_ident(name)
  FROM (VALUES (''), ('a'), ('_'), ('_a1'), ('1a'), ('A'), ('aB'), ('a b'), ('a"b'), ('"'), ('""'), ('a''b'), ('a.b'), ('a$b'),
               ('$a'), ('a-b'), ('ä'), ('aä'), ('ß'), ('日本'), (E'a\nb'), (E'a\\b'), ('a;b'), ('--'), ('/*'), (repeat('x', 100)),
               (repeat('"', 63)), ('SELECT'), ('Select'), ('select '), (' select'), ('pg_catalog'), ('public_01_init'), ('%s')
       ) AS names (name)
 WHERE quote_identifier(name) <> quote_ident(name);
SELECT quote_identifier('a"b'), quote_identifier('select'), quote_identifier('plain'), quote_identifier('');
