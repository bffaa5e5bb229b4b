using System.Net;
using k8s.Models;
using OsmExt.LocalRuntime;
using OsmExt.Node.Containers;

namespace OsmExt.Node.Pods;

/// <summary>Asks a container one of its probes, from the node, as a kubelet does.</summary>
internal sealed class ProbeRun(PodNetwork node, string address, V1Container container)
{
    public async Task<bool> AskAsync(V1Probe probe, ContainerProcess process, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1));
        try
        {
            switch (probe)
            {
                case { HttpGet: { } get }:
                    return await GetAsync(get, patience.Token);
                case { TcpSocket: { } tcp }:
                    await using (await node.ConnectAsync(tcp.Host ?? address, Port(tcp.Port), patience.Token))
                    {
                        return true;
                    }

                case { Exec: { } exec }:
                    return await process.ExecAsync(exec.Command, TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1), cancellation);
                default:
                    throw new InvalidOperationException("this node has no such probe");
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or System.Net.Sockets.SocketException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<bool> GetAsync(V1HTTPGetAction get, CancellationToken cancellation)
    {
        using var handler = node.CreateHandler();
#pragma warning disable CA5359 // Kubelets do not ask who serves.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpClient(handler);
        var scheme = string.Equals(get.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{scheme}://{get.Host ?? address}:{Port(get.Port)}{get.Path ?? "/"}"));
        foreach (var header in get.HttpHeaders ?? [])
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        return response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.BadRequest;
    }

    private int Port(IntOrString port) => int.TryParse(port.Value, out var number) ? number
        : container.Ports?.FirstOrDefault(known => known.Name == port.Value)?.ContainerPort ?? throw new InvalidOperationException($"container has no port '{port.Value}'");
}
