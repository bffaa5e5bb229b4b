using System.Text.Json;
using OsmExt.Sdk.Collections;

namespace OsmExt.Identity.Roots;

/// <summary>Which root does what, on disk. It names roots and holds no key.</summary>
internal sealed class RootStateFile(string path, string firstTrustDomain)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Null when nothing has been written yet.</summary>
    public RootState? Read()
    {
        try
        {
            return !File.Exists(path) ? null
                : JsonSerializer.Deserialize<Document>(File.ReadAllText(path), Format)?.ToState(firstTrustDomain) ?? throw new JsonException("it is empty");
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateAuthorityException(CertificateAuthorityError.Unreadable,
                $"{path} cannot be read ({failure.Message}). It says which root signs: restore it from a backup.", failure);
        }
    }

    public void Write(RootState state)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The roots' protection rests on Unix file modes.");
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            using (var file = new FileStream($"{path}.new", options))
            {
                JsonSerializer.Serialize(file, Document.Of(state), Format);
                file.Flush(flushToDisk: true);
            }

            File.Move($"{path}.new", path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CertificateAuthorityException(CertificateAuthorityError.CannotCreate,
                $"{path} cannot be written ({failure.Message}). Give the state directory space, and to this user.", failure);
        }
    }

    // Trust domains were not written down while they could not change.
    private sealed record Document(string Signing, string[] Trusted, string XdsServer, string[] XdsTrusted, DomainDocument? Domains)
    {
        public static Document Of(RootState state)
            => new(state.Signing, [.. state.Trusted], state.XdsServer, [.. state.XdsTrusted], DomainDocument.Of(state.Domains));

        public RootState ToState(string firstTrustDomain)
            => Signing is null || Trusted is null || XdsServer is null || XdsTrusted is null
                ? throw new JsonException("a field is missing")
                : new(Signing, Trusted.ToEquatableArray(), XdsServer, XdsTrusted.ToEquatableArray(),
                    Domains?.ToState() ?? DomainState.Only(firstTrustDomain));
    }

    private sealed record DomainDocument(
        string Issuing, string[] Accepted, int Changes, int ConnectionsAfter, string XdsServer, string[] XdsAccepted)
    {
        public static DomainDocument Of(DomainState state)
            => new(state.Issuing, [.. state.Accepted], state.Changes, state.ConnectionsAfter, state.XdsServer, [.. state.XdsAccepted]);

        public DomainState ToState()
            => Issuing is null || Accepted is null || XdsServer is null || XdsAccepted is null
                ? throw new JsonException("a field of domains is missing")
                : new(Issuing, Accepted.ToEquatableArray(), XdsServer, XdsAccepted.ToEquatableArray())
                {
                    Changes = Changes, ConnectionsAfter = ConnectionsAfter,
                };
    }
}
