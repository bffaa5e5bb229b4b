using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Admission;

/// <summary>Why a webhook gave no answer.</summary>
internal sealed class WebhookFailure(string message) : Exception(message);

/// <summary>Calls webhooks over TLS, as whom their configuration says they are.</summary>
/// <param name="endpoints">Where the pods of a Service listen: its namespace, name and port; null when there are none.</param>
internal sealed class WebhookClient(Func<string, string, int, EndPoint?> endpoints, TimeProvider clock) : IDisposable
{
    private const int LargestAnswer = 8 * 1024 * 1024;
    private readonly ConcurrentDictionary<(string, string), HttpMessageInvoker> _clients = new();

    /// <exception cref="WebhookFailure">It does not answer, or with something that is no answer.</exception>
    public async Task<JsonObject> AskAsync(JsonObject clientConfig, JsonObject question, TimeSpan timeout, CancellationToken stop)
    {
        Uri? address = null;
        try
        {
            var webhook = WebhookAddress.Of(clientConfig);
            address = new UriBuilder(webhook.Address) { Query = $"timeout={(long)timeout.TotalSeconds}s" }.Uri;
            using var late = new CancellationTokenSource(timeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
            try
            {
                return await SendAsync(webhook, address, question, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                throw new WebhookFailure($"Post \"{address}\": context deadline exceeded");
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException or FormatException or SocketException)
        {
            throw new WebhookFailure(address is null ? failure.Message : $"Post \"{address}\": {Innermost(failure)}");
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private async Task<JsonObject> SendAsync(WebhookAddress webhook, Uri address, JsonObject question, CancellationToken stop)
    {
        var client = _clients.GetOrAdd((webhook.Address.Authority, webhook.Authorities), _ => Connected(webhook));
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(question.ToJsonString())) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Version = HttpVersion.Version20,
        };
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await client.SendAsync(request, stop).ConfigureAwait(false);
        await response.Content.LoadIntoBufferAsync(LargestAnswer, stop).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new IOException($"the server answered with {(int)response.StatusCode}: {text.Trim()}");
        }

        return JsonNode.Parse(text) as JsonObject ?? throw new JsonException("the answer is no object");
    }

    private HttpMessageInvoker Connected(WebhookAddress webhook)
    {
        var authorities = new X509Certificate2Collection();
        if (webhook.Authorities.Length > 0)
        {
            authorities.ImportFromPem(webhook.Authorities);
        }

        return new(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = (context, stop) => ConnectAsync(webhook, context.DnsEndPoint, stop),
            SslOptions = webhook.Authorities.Length == 0 ? new() : new()
            {
                CertificateChainPolicy = Policy(authorities),
                RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None,
            },
        });
    }

    private X509ChainPolicy Policy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = clock.GetLocalNow().DateTime };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    // Looked up with each connection: pods come and go.
    private async ValueTask<Stream> ConnectAsync(WebhookAddress webhook, DnsEndPoint written, CancellationToken stop)
    {
        var endpoint = webhook.Service is not { } service ? written
            : endpoints(service.Namespace, service.Name, service.Port) ?? throw new IOException($"no endpoints available for service \"{service.Name}\"");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, stop).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure.Message.TrimEnd('.');
    }
}
