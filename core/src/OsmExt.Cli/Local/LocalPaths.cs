namespace OsmExt.Cli.Local;

/// <summary>
/// Where a local mesh keeps things. Proxies of root's meshes run as another user, so a home directory would not do for them; everybody else has
/// nothing but theirs.
/// </summary>
internal static class LocalPaths
{
    /// <summary>Of the mesh as a whole.</summary>
    public static string Root(string name) => Path.Join(IsRoot ? "/var/lib/osmext/local" : Path.Join(Own, "local"), name);

    /// <summary>What the local runtime made, for cleaning up.</summary>
    public static string Runtime(string name) => Path.Join(Root(name), "runtime");

    /// <summary>The control plane's state: the certificate authority.</summary>
    public static string ControlPlane(string name) => Path.Join(Root(name), "control-plane");

    /// <summary>Who runs the mesh, and what runs in it.</summary>
    public static string Status(string name) => Path.Join(Root(name), "status.json");

    /// <summary>Manifests that were applied while the mesh runs, one directory for each that they came from.</summary>
    public static string Applied(string name) => Path.Join(Root(name), "applied");

    /// <summary>By what kubectl finds a mesh that has an API server.</summary>
    public static string Kubeconfig(string name) => Path.Join(Root(name), "kubeconfig");

    /// <summary>Logs, unless told otherwise.</summary>
    public static string Logs(string name) => IsRoot ? Path.Join("/var/log/osmext", name) : Path.Join(Own, "log", name);

    // Elsewhere an administrator's meshes are meshes of loopback addresses like everybody's.
    private static bool IsRoot => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    // By the XDG base directory specification; a user without a home has a directory among the temporary files.
    private static string Own
    {
        get
        {
            if (Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state))
            {
                return Path.Join(state, "osmext");
            }

            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return Directory.Exists(home) ? Path.Join(home, ".local/state/osmext") : Path.Join(Path.GetTempPath(), $"osmext-{Environment.UserName}");
        }
    }
}
