using Microsoft.Extensions.Logging;
using OsmExt.Sdk.Resources;

namespace OsmExt.Identity.Roots;

/// <summary>Roots in the state directory of one process.</summary>
internal sealed class RootDirectory(string stateDirectory, TimeProvider time, ILogger<CaDirectory> logger) : IRootStore
{
    private readonly RootStateFile _file = new(Path.Combine(stateDirectory, "roots", "state.json"));

    // The first root was there before others could be.
    public RootCertificate LoadOrCreate(string name)
        => new CaDirectory(name == MeshRootCertificate.DefaultName ? stateDirectory : Path.Combine(stateDirectory, "roots", name), time, logger).LoadOrCreate();

    public RootState? Read(string firstTrustDomain) => _file.Read(firstTrustDomain);

    public void Write(RootState state) => _file.Write(state);
}
