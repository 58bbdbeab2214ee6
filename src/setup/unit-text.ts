export type UnitFacts = {
  readonly user: string;
  readonly config: string;
  readonly data: string;
  readonly program: readonly [node: string, launcher: string];
};

/** systemd splits at spaces and expands `%` and `$`. systemd.service(5) */
const argument = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
const path = (text: string): string => text.replaceAll("%", "%%").replaceAll(" ", "\\x20");

/**
 * The systemd unit: never root, one capability (ports below 1024), one writable directory. `MemoryDenyWriteExecute` is
 * missing on purpose, V8 compiles while it runs; network and netlink are what a mail server is for.
 */
export const unitText = ({ user, config, data, program }: UnitFacts): string => `# Written by wachpost setup.
[Unit]
Description=Wachpost mail server
Wants=network-online.target
After=network-online.target nss-lookup.target

[Service]
Type=exec
ExecStart=${program.map(argument).join(" ")} --config ${argument(config)} start
User=${user}
SyslogIdentifier=wachpost
UMask=0077
Restart=on-failure
RestartSec=5
TimeoutStopSec=45
LimitNOFILE=65536

AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${path(data)}
ProtectHome=${underHome(program) ? "read-only" : "yes"}
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
DevicePolicy=closed
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;

/** ProtectHome=yes would hide a program that was installed there. */
const underHome = (program: readonly string[]): boolean =>
  program.some((file) => /^\/(home|root|run\/user)\//.test(file));
