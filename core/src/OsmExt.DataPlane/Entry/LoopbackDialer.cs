using System.Net;
using System.Net.Sockets;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Entry;

/// <summary>Opens connections to where the mesh's addresses are on this machine; all other addresses are what they are.</summary>
internal sealed class LoopbackDialer(Func<LoopbackNetwork> network, IDialer sockets, Chance chance) : IDialer
{
    public async ValueTask<Stream> DialAsync(IPEndPoint destination, CancellationToken stop)
    {
        var now = network();
        if (IPAddress.IsLoopback(destination.Address))
        {
            // To the pod itself, as it is in a network of its own.
            return await sockets.DialAsync(new(destination.Port == LoopbackNetwork.AdminPort ? now.At : now.Application, destination.Port), stop);
        }

        var target = now.Services.TryGetValue(destination, out var backends)
            ? backends.Length > 0 ? backends[chance.Next(backends.Length)] : throw new SocketException((int)SocketError.ConnectionRefused)
            : destination;
        return now.Pods.TryGetValue(target.Address, out var pod) ? await DialAsync(now, pod, target, stop) : await sockets.DialAsync(target, stop);
    }

    private async ValueTask<Stream> DialAsync(LoopbackNetwork now, LoopbackPod pod, IPEndPoint target, CancellationToken stop)
    {
        if (!pod.Meshed)
        {
            return await sockets.DialAsync(new(pod.Application, target.Port), stop);
        }

        var stream = await sockets.DialAsync(new(pod.At, LoopbackNetwork.DoorPort), stop);
        try
        {
            var port = stream is NetworkStream { Socket.LocalEndPoint: IPEndPoint local } ? local.Port : 0;
            await stream.WriteAsync(ProxyHeader.Write(new(now.AddressFor(target.Address), port), target), stop);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
