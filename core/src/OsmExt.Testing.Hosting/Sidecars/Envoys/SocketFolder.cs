using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>
/// Where an Envoy of a test listens, and where what it opens arrives: sockets in a folder that only this user can enter. They need no port and no address,
/// and go with the folder.
/// </summary>
internal sealed class SocketFolder
{
    // What systems allow a socket's path, one less on some; and what is left of it for a name that is spelt out.
    private const int LongestPath = 103;
    private const int LongestName = 24;
    private readonly string _folder;

    /// <exception cref="IOException">The folder's path is too long.</exception>
    public SocketFolder(string folder)
    {
        _folder = folder;
        if (Encoding.UTF8.GetByteCount(Path.Join(folder, new string('x', LongestName))) > LongestPath)
        {
            throw new IOException($"Sockets cannot be made in {folder}: the path is longer than systems allow. Let TMPDIR name a folder with a shorter path.");
        }
    }

    /// <summary>Where Envoys of the mesh get their configuration.</summary>
    public string Discovery => Path.Join(_folder, "xds");

    public string Admin => Path.Join(_folder, "admin");

    /// <summary>A listener whose answer shows that a worker goes by everything that came before.</summary>
    public string Turn => Path.Join(_folder, "turn");

    /// <summary>Where it opens connections to places that it names itself.</summary>
    public string Anywhere => Path.Join(_folder, "anywhere");

    /// <summary>Where it listens for what goes to a port.</summary>
    public string Listener(long port) => Path.Join(_folder, string.Create(CultureInfo.InvariantCulture, $"in-{port}"));

    /// <summary>Where it opens connections to a place.</summary>
    public string Exit(string host, long port)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{host}_{port}");
        var path = Path.Join(_folder, name);
        return Encoding.UTF8.GetByteCount(path) <= LongestPath && !name.Contains('/', StringComparison.Ordinal) ? path
            : Path.Join(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..LongestName]);
    }

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async ValueTask<NetworkStream> ConnectAsync(string path, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop).ConfigureAwait(false);
            return new(socket, ownsSocket: true);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.ConnectionRefused);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
