using System.Net;
using System.Net.Sockets;
using System.Text;
using OsmExt.DataPlane.Entry;

namespace OsmExt.LocalRuntime.Network;

/// <summary>
/// A mesh's part of the loopback addresses, <c>127.N.0.0/16</c>. Nothing has to be set up for them on Linux, and no two meshes share one.
/// </summary>
/// <param name="Second">The address's second number.</param>
internal sealed record LoopbackBlock(byte Second)
{
    // 127.0 belongs to everybody, and what is near it is popular.
    private const int First = 64;
    private const int Count = 190;
    private const int LargestPod = (128 * 250) - 1;

    /// <summary>The control plane's address, and that of pods on the node's network.</summary>
    public IPAddress Node => new([127, Second, 0, 1]);

    /// <summary>Where the sidecar of the pod of a number is, from 1 on.</summary>
    public IPAddress At(int pod) => Address(pod, 0);

    /// <summary>Where its applications listen.</summary>
    public IPAddress ApplicationsOf(int pod) => Address(pod, 128);

    /// <summary>Why this machine has no such addresses; null when it has. Some systems have only 127.0.0.1.</summary>
    public static string? Problem()
    {
        try
        {
            using var trial = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            trial.Bind(new IPEndPoint(new LoopbackBlock(First).Node, 0));
            return null;
        }
        catch (SocketException failure)
        {
            return $"This machine has no loopback addresses but 127.0.0.1 ({failure.Message}). A mesh inside a test (MeshHost) needs none.";
        }
    }

    /// <summary>A block that no mesh uses: for the same name the same one, if it is free.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static LoopbackBlock Free(string mesh)
    {
        // FNV-1a: the same on every run, unlike a string's own hash.
        var hash = Encoding.UTF8.GetBytes(mesh).Aggregate(2166136261u, (sum, letter) => (sum ^ letter) * 16777619u);
        SocketException? failure = null;
        for (var i = 0; i < Count; i++)
        {
            var block = new LoopbackBlock((byte)(First + ((hash + i) % Count)));
            try
            {
                using var trial = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                trial.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                trial.Bind(new IPEndPoint(block.Node, LoopbackNetwork.EntryPort));
                trial.Listen(1);
                return block;
            }
            catch (SocketException taken)
            {
                failure = taken;
            }
        }

        throw new InvalidOperationException($"No loopback address can be used for the mesh: {failure!.Message}.", failure);
    }

    private IPAddress Address(int pod, int half)
        => pod is > 0 and <= LargestPod ? new([127, Second, (byte)(half + (pod / 250)), (byte)((pod % 250) + 2)])
            : throw new InvalidOperationException($"A mesh of loopback addresses has at most {LargestPod} pods.");
}
