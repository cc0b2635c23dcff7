//! Words that stand at the top of every list of leaked passwords, folded, and without the digits people add.

/// The words; compared after folding and after taking off digits and marks at both ends.
pub(super) const COMMON: &[&str] = &[
    "0123456789", "0987654321", "1234567890", "12345678910", "123456789a", "1q2w3e4r5t", "1qaz2wsx3edc", "a",
    "aa", "abc", "abcd", "abcde", "abcdef", "abcdefgh", "abcdefghij", "abcxyz", "admin", "administrator", "adminadmin",
    "anhyeuem", "asdasd", "asdf", "asdfgh", "asdfghjkl", "baseball", "batman", "changeme", "computer", "default",
    "donald", "doremon", "dragon", "emyeuanh", "facebook", "football", "freedom", "google", "guest", "hanoi",
    "hello", "hochiminh", "iloveyou", "khongbiet", "khongco", "khongcomatkhau", "letmein", "login", "loa",
    "loaloaloa", "master", "matkhau", "matkhaumoi", "matkhaumatkhau", "michael", "monkey", "mypassword",
    "nopassword", "p@ssw0rd", "p@ssword", "pass", "passw0rd", "password", "passwordpassword", "passwords",
    "princess", "qazwsx", "qazwsxedc", "qwe", "qweasd", "qweasdzxc", "qwer", "qwert", "qwerty", "qwertyuiop",
    "root", "saigon", "secret", "shadow", "sunshine", "superman", "taolao", "temp", "test", "testtest", "thegioi",
    "toiyeuem", "toiyeuvietnam", "trustno", "user", "vietnam", "welcome", "xinchao", "yeuem", "zalo", "zaloloa",
    "zalozalo", "zxcvbnm",
];
