using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Envoy.Config.Bootstrap.V3;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.Cli.Agent;

/// <summary>Asks the control plane for a credential. The key is made here and stays here.</summary>
internal sealed class IssuerClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly AgentOptions _options;
    private readonly HttpClient _http;
    private string _roots;

    public IssuerClient(AgentOptions options)
    {
        (_options, _roots) = (options, options.Roots);
        _http = new(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            // The control plane's replicas come and go.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsControlPlane },
        })
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = 1 << 20,
        };
    }

    /// <summary>The credential, or why there is none and whether asking again may help.</summary>
    /// <exception cref="HttpRequestException">There is no answer, or none that can be read.</exception>
    public async Task<(AgentCredential? Credential, string? Problem)> AskAsync(string token, CancellationToken cancellation)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{_options.Issuer.Host}:{_options.Issuer.Port}/credentials");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = new StringContent(
            new JsonObject { ["request"] = Convert.ToBase64String(SigningRequest.Of(key)) }.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            var body = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return (null, $"{(int)response.StatusCode} {ReasonIn(body)}");
            }

            var credential = Read(JsonNode.Parse(body)!, key);
            // The control plane may be known by others from now on.
            _roots = $"{_options.Roots}\n{credential.Trust.Pem}";
            return (credential, null);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException("the control plane does not answer", failure);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new HttpRequestException("the control plane's answer cannot be read", failure);
        }
    }

    public void Dispose() => _http.Dispose();

    private static AgentCredential Read(JsonNode answer, ECDsa key)
    {
        return new(
            ProxyIdentity.TryParse((string)answer["identity"]!, out var identity) ? identity : throw new FormatException("identity"), (string)answer["certificate"]!, PemText.Of(key),
            new((string)answer["trustDomain"]!, [.. answer["roots"]!.AsArray().Select(root => (string)root!)])
            {
                TrustDomains = [.. answer["trustDomains"]!.AsArray().Select(domain => (string)domain!)],
            },
            (Bootstrap)(EnvoyJson.FromNode(answer["bootstrap"]!, Bootstrap.Descriptor).Message ?? throw new FormatException("bootstrap")), (DateTimeOffset)answer["renewAt"]!);
    }

    // A workload's certificate is by the same roots, and its DNS name is made of names that users choose. Only the control plane's id has no workload in it.
    private bool IsControlPlane(object sender, X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        if (presented is not X509Certificate2 certificate || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.DisableCertificateDownloads = true;
        own.ChainPolicy.CustomTrustStore.ImportFromPem(_roots);
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(LeafProfile.ServerAuthentication));
        return own.Build(certificate) && SubjectAlternativeNames.TryReadUris(certificate, out var uris)
            && uris is [var uri] && uri == new XdsServerIdentity(uri.Split('/').ElementAtOrDefault(2) ?? "").SpiffeId;
    }

    private static string ReasonIn(string body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject answer && answer["reason"] is JsonValue reason ? reason.ToString() : "";
        }
        catch (JsonException)
        {
            return body.Length > 200 ? "" : body.Trim();
        }
    }
}

/// <summary>A credential with its key.</summary>
internal sealed record AgentCredential(ProxyIdentity Identity, string ChainPem, SecretBytes PrivateKeyPem, TrustBundle Trust, Bootstrap Added, DateTimeOffset RenewAt);
