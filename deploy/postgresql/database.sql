-- Run once: psql -U postgres -v password="…" -f database.sql
-- The account owns its database and nothing else; it is no superuser.
CREATE ROLE yidang LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE yidang OWNER yidang ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0;
REVOKE ALL ON DATABASE yidang FROM PUBLIC;
