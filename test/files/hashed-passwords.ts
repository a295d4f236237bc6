// Passwords as programs have hashed them; each line says which.

export interface HashedPassword {
  readonly user: string;
  readonly password: string;
  readonly hash: string;
}

export const HASHED: readonly HashedPassword[] = [
  // htpasswd -nbB -C 4 ada secret (Apache 2.4.67)
  { user: "ada", password: "secret", hash: "$2y$04$5rvj9ux.ewrM2A53YE8FduLiCCAEaCDzJH3JWA8adSEHrwo7U1Ff." },
  // htpasswd -nb5 grace secret
  {
    user: "grace",
    password: "secret",
    hash: "$6$/JgzXiqx3W8rEcAK$QpJ.elbgfZzQVSiyJBPejk6XajR/zDTDmIUyINEEvqjD8VImQ1xsHE/hAzEZX5XjIJZkzJ4lQTssibAVaAadb1",
  },
  // htpasswd -nb5 -r 10000 alan 's$cr:t'
  {
    user: "alan",
    password: "s$cr:t",
    hash: "$6$rounds=10000$4cULReexD9cmU6zJ$CwZDZnuC1nut6PmGwYfrGuTayo7dsRm7RvmZ/RKjDjJ4YV4EtNxX16s6A/f/p4LVB7Q7i8Shz7qHdnxj9mnph.",
  },
  // openssl passwd -6 -salt saltsalt öffne (OpenSSL 3.0)
  {
    user: "j\u00f6rg",
    password: "\u00f6ffne",
    hash: "$6$saltsalt$h5FoL0s6YXoaR0tdNGXkB0f0kc5ybGkhjp0oDVODhSbxGGaNhnGA4kDU5iJ6okwYVwPIl5b0zxDXzY4tqrieo.",
  },
  // htpasswd -nbB -C 9 slow 'slow secret'
  {
    user: "slow",
    password: "slow secret",
    hash: "$2y$09$NetKaWc9tqmIDQ46onMfUOIaaQfs/2AVQtRYnNNHtizgryaBJD0d.",
  },
];

/** What `htpasswd` makes without being asked for better: MD5, SHA-1, SHA-256, plain text. */
export const REFUSED_HASHES = [
  "$apr1$vNBMpyql$iIxuJoblBdpv33xpZ7RhJ0",
  "{SHA}2PRZAyDhNDqRW2OUFwZQqPNdaSY=",
  "$5$YJpIUjy0MtUnSuL.$eqh3D3/aYULU.SFnMuRIU7xBifhYRoylXQvJGhwM88B",
  "secret",
  "",
  "$2y$31$HhuACeQa4URUS8aSumP7veEsG52JITWjUSwKXauM32AJdOaiq0wQq",
];
