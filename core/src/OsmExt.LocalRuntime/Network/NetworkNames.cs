using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace OsmExt.LocalRuntime.Network;

/// <summary>Names of what a mesh creates on the machine. All carry the mesh's name, so several meshes run side by side.</summary>
internal static partial class NetworkNames
{
    /// <summary>Interface of a pod, inside its namespace.</summary>
    public const string PodInterface = "eth0";

    /// <summary>The bridge, inside the node's namespace.</summary>
    public const string Bridge = "osm0";

    // A name is also a file name (255), and a pod's alone may have 253.
    private const int LongestNamespaceName = 200;

    /// <summary>Whether a mesh may be called so: a DNS label of at most 30 characters.</summary>
    public static bool IsMesh(string name) => MeshPattern().IsMatch(name);

    /// <summary>Whether Kubernetes would allow the name for an object: safe in a file's path and in a hosts file.</summary>
    public static bool IsDns(string name) => name.Length <= 253 && DnsPattern().IsMatch(name);

    /// <summary>Network namespace of the node: the bridge and the control plane.</summary>
    public static string Node(string mesh) => $"osm.{mesh}";

    /// <summary>Network namespace of a pod. Neither mesh nor namespace can hold a dot, so no two pods share a name.</summary>
    public static string Pod(string mesh, string ns, string pod)
    {
        var name = $"osm.{mesh}.{ns}.{pod}";
        return name.Length <= LongestNamespaceName ? name : $"{name[..(LongestNamespaceName - 17)]}-{Digest(name)[..16]}";
    }

    /// <summary>The node's end of a pod's link. Interface names have at most 15 characters; pods' are longer.</summary>
    public static string NodeInterface(string ns, string pod) => $"pod{Digest($"{ns}/{pod}")[..12]}";

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex MeshPattern();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsPattern();
}
