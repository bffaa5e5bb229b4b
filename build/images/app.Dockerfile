# syntax=docker/dockerfile:1.7
# One of the demo's applications, for tests on clusters: --build-arg APP=bookbuyer.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
ARG APP
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props BannedSymbols.txt global.json ./
COPY e2e/apps e2e/apps
RUN dotnet publish "e2e/apps/$APP" -c Release -a "$TARGETARCH" --no-self-contained --nologo -v quiet -o /out && ln -s "$APP.dll" /out/app.dll

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
COPY --from=build /out /app
ENV DOTNET_EnableDiagnostics=0
USER 1654
ENTRYPOINT ["dotnet", "/app/app.dll"]
