namespace OsmExt.Cli.Local;

/// <summary>Where a local mesh keeps things. Its proxies run as another user, so a home directory would not do.</summary>
internal static class LocalPaths
{
    /// <summary>Of the mesh as a whole.</summary>
    public static string Root(string name) => Path.Join("/var/lib/osmext/local", name);

    /// <summary>What the local runtime made, for cleaning up.</summary>
    public static string Runtime(string name) => Path.Join(Root(name), "runtime");

    /// <summary>The control plane's state: the certificate authority.</summary>
    public static string ControlPlane(string name) => Path.Join(Root(name), "control-plane");

    /// <summary>Who runs the mesh, and what runs in it.</summary>
    public static string Status(string name) => Path.Join(Root(name), "status.json");

    /// <summary>Logs, unless told otherwise.</summary>
    public static string Logs(string name) => Path.Join("/var/log/osmext", name);
}
