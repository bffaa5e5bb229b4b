using System.Reflection;

namespace OsmExt.ControlPlane;

/// <summary>What this build is.</summary>
internal static class Build
{
    private static readonly string[] Parts =
        (typeof(Build).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+', 2);

    /// <summary>The release, for example <c>0.1.0</c>.</summary>
    public static string Version => Parts[0];

    /// <summary>The commit it was built from; empty when it was built outside of a repository.</summary>
    public static string Commit => Parts.Length > 1 ? Parts[1] : "";
}
