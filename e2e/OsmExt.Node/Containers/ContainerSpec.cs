namespace OsmExt.Node.Containers;

/// <summary>A process of a pod, with everything decided.</summary>
/// <param name="Name">Unique on the node, and the base of its log files: <c>NAMESPACE.POD/CONTAINER</c>.</param>
/// <param name="Executable">Absolute path on the machine.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record ContainerSpec(string Name, string Executable, IReadOnlyList<string> Arguments)
{
    public required string NetworkNamespace { get; init; }

    /// <summary>An empty directory in which its root is put together.</summary>
    public required string Root { get; init; }

    public required IReadOnlyList<Mount> Mounts { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required ContainerUser User { get; init; }

    public bool ReadOnlyRoot { get; init; }

    public string WorkingDirectory { get; init; } = "/";
}

/// <summary>Who a process is.</summary>
/// <param name="Id">User.</param>
/// <param name="Group">Group.</param>
/// <param name="Groups">Further groups.</param>
/// <param name="Capabilities">Names of capabilities, without <c>CAP_</c>, as root's bound; nobody else has any.</param>
/// <param name="MayGain">Whether a program may gain privileges.</param>
internal sealed record ContainerUser(long Id, long Group, IReadOnlyList<long> Groups, IReadOnlyList<string> Capabilities, bool MayGain)
{
    /// <summary>What a container runtime leaves to root.</summary>
    public static readonly string[] Defaults =
    [
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ];

    /// <summary>The words that make a command run as this user.</summary>
    public IEnumerable<string> Words()
    {
        var bound = Id == 0 ? string.Concat(Capabilities.Select(name => $",+{name.ToLowerInvariant()}")) : "";
        return
        [
            "setpriv", $"--reuid={Id}", $"--regid={Group}", Groups.Count == 0 ? "--clear-groups" : $"--groups={string.Join(',', Groups)}",
            "--inh-caps=-all", $"--bounding-set=-all{bound}", .. MayGain ? Array.Empty<string>() : ["--no-new-privs"], "--",
        ];
    }
}
