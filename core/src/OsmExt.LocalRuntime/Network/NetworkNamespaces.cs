using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.Network;

/// <summary>Named network namespaces, as <c>ip netns</c> keeps them, with the files it shows to programs inside as <c>/etc</c>.</summary>
internal static class NetworkNamespaces
{
    /// <summary>Where the names are.</summary>
    public const string Directory = "/run/netns";

    /// <summary>Where a namespace's own versions of files in <c>/etc</c> are, in a directory of its name.</summary>
    public const string FilesDirectory = "/etc/netns";

    private const string ServicesOnly = "hosts: files\n";
    private const string NoServer = "# Names come from the hosts file. Without a server, asking for any other fails at once.\noptions timeout:1 attempts:1\n";
    private const string AllAddresses = "multi on\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static bool Exists(string name) => File.Exists(Path.Join(Directory, name));

    /// <summary>Makes a namespace; fails when the name is taken.</summary>
    public static Task AddAsync(string name, CancellationToken cancellation) => Command.RunAsync("ip", ["netns", "add", name], null, cancellation);

    /// <summary>Removes the name and its files. The namespace itself ends with its last process.</summary>
    public static async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        if (Exists(name))
        {
            await Command.RunAsync("ip", ["netns", "del", name], null, cancellation).ConfigureAwait(false);
        }

        var files = Path.Join(FilesDirectory, name);
        if (System.IO.Directory.Exists(files))
        {
            System.IO.Directory.Delete(files, recursive: true);
        }
    }

    /// <summary>Carries out <c>ip</c> commands inside, in one process.</summary>
    public static Task ConfigureAsync(string name, IEnumerable<string> commands, CancellationToken cancellation)
        => Command.RunAsync("ip", ["-n", name, "-batch", "-"], string.Join('\n', commands) + "\n", cancellation);

    /// <summary>Carries out as many <c>ip</c> commands inside as it can; what is gone already is no failure.</summary>
    public static Task ForceAsync(string name, IEnumerable<string> commands, CancellationToken cancellation)
        => Command.TryRunAsync("ip", ["-n", name, "-force", "-batch", "-"], string.Join('\n', commands) + "\n", Patience, cancellation);

    /// <summary>Adds rules inside.</summary>
    public static Task AddRulesAsync(string name, AddressFamily family, string rules, CancellationToken cancellation)
        => Command.RunAsync("ip", ["netns", "exec", name, RestoreTool(family), "--noflush"], rules, cancellation);

    /// <summary>Replaces the tables inside that the rules name, each in one step.</summary>
    public static Task ReplaceRulesAsync(string name, AddressFamily family, string rules, CancellationToken cancellation)
        => Command.RunAsync("ip", ["netns", "exec", name, RestoreTool(family)], rules, cancellation);

    /// <summary>Sets kernel parameters inside, by their path under <c>/proc/sys/net</c>. One the kernel does not have is left out.</summary>
    [SupportedOSPlatform("linux")]
    public static Task SetAsync(string name, IEnumerable<(string Path, string Value)> parameters) => NamespaceThread.RunAsync(name, () =>
    {
        foreach (var (path, value) in parameters)
        {
            var file = Path.Join("/proc/sys/net", path);
            if (File.Exists(file))
            {
                File.WriteAllText(file, value);
            }
        }

        return true;
    });

    /// <summary>
    /// Sets what programs inside see as <c>/etc/hosts</c>. Programs that run already see it too: they have the file itself, not
    /// its name, so it is rewritten in place.
    /// </summary>
    [SupportedOSPlatform("linux")]
    public static void SetHosts(string name, string hosts)
    {
        var directory = Path.Join(FilesDirectory, name);
        System.IO.Directory.CreateDirectory(directory);
        WriteOver(directory, "hosts", hosts);
        WriteOver(directory, "nsswitch.conf", ServicesOnly);
        WriteOver(directory, "resolv.conf", NoServer);
        WriteOver(directory, "host.conf", AllAddresses);
    }

    /// <summary>What reads the rules of a family.</summary>
    public static string RestoreTool(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? "ip6tables-restore" : "iptables-restore";

    [SupportedOSPlatform("linux")]
    private static void WriteOver(string directory, string file, string text)
    {
        // The tool can only cover a file that exists.
        if (!File.Exists(Path.Join("/etc", file)))
        {
            return;
        }

        var path = Path.Join(directory, file);
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.SetLength(stream.Position);
        stream.Flush();
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}
